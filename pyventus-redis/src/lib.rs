//! Keeps the events of pyventus in Redis.
//!
//! [`RedisBroker`] is a [`Broker`](pyventus_queue::Broker) over the streams of a Redis server: every group of a queue is a
//! consumer group of its stream. Whatever has to take place as a whole, such as a settlement with its dead letters and its
//! count, is a script, which the server runs in one step.

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
