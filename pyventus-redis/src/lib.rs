//! Keeps the events of pyventus in Redis, for workers on several machines.
//!
//! Use it through the facade, `pyventus`, as `pyventus::redis`, behind the feature `redis`. It needs a
//! server of version 7 or newer.
//!
//! ```no_run
//! use pyventus_core::EventEmitter;
//! use pyventus_queue::{QueueBackend, Worker};
//! use pyventus_redis::RedisBroker;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let broker = RedisBroker::connect("redis://127.0.0.1/").await?;
//! EventEmitter::new(QueueBackend::new(broker.clone())).emit("order.placed").await?;
//! // Here, or on another machine.
//! Worker::new(broker).group("billing").run_until(std::future::pending::<()>()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! [`RedisBroker`] is a [`Broker`](pyventus_queue::Broker) over the streams of a Redis server: every group of a queue is a
//! consumer group of its stream. Whatever has to take place as a whole, such as a settlement with its dead letters and its
//! count, is a script, which the server runs in one step. [`RedisOptions`] say under which keys, and how long is waited
//! for a server that does not answer.

mod broker;
mod options;
mod publish;
mod receive;
mod letters;
mod settle;
mod queues;
mod place;
mod server;
mod link;
mod script;
mod keys;
mod wire;
mod error;

pub use broker::RedisBroker;
pub use error::{ConnectError, StepError};
pub use options::RedisOptions;
