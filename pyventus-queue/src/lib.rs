//! The durable side of pyventus: events that survive, and workers that handle them.
//!
//! Use it through the facade, `pyventus`, as `pyventus::queue`, behind the feature `queue`. A
//! [`QueueBackend`] publishes what an emitter emits; a [`Worker`] runs the handlers, in this process or in
//! others, and tries those that fail again.
//!
//! ```
//! use pyventus_core::{EventEmitter, EventLinker};
//! use pyventus_queue::{MemoryBroker, QueueBackend, Worker};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let broker = MemoryBroker::new(1_000);
//! let worker = Worker::new(broker.clone()).group("billing");
//! let handle = worker.handle();
//! EventLinker::global().subscribe("order.placed").handler(move || handle.stop())?;
//!
//! let emitter = EventEmitter::new(QueueBackend::new(broker));
//! emitter.emit("order.placed").await?; // The broker has it.
//! let summary = worker.run_until(std::future::pending::<()>()).await?;
//! assert_eq!(summary.succeeded, 1);
//! # Ok(())
//! # }
//! ```
//!
//! An emission becomes an [`Envelope`], which a [`Seal`] encodes and signs; a [`Broker`] stores it as a [`Message`], hands
//! it out to every group as a [`Delivery`] under a lease, and is told by a [`Settlement`] what became of it. What a handler
//! gives up stays as a [`DeadLetter`], until somebody replays or drops it. [`Counts`] say where every event is.
//!
//! Delivery is at least once: after a crash an event may be handed out again.
//!
//! | to | see |
//! |---|---|
//! | publish | [`QueueBackend`] |
//! | handle | [`Worker`], [`WorkerHandle`], [`Summary`] |
//! | look after what was given up | [`Broker::letters`], [`DeadLetter`] |
//! | sign what leaves the program | [`Keyring`], [`Seal`] |
//! | write a broker | [`Broker`]; `conformance`, behind the feature of that name |
#![cfg_attr(docsrs, feature(doc_cfg))]

mod backend;
mod worker;
mod known;
mod current;
mod meter;
#[cfg(feature = "opentelemetry")]
mod otel;
mod seal;
mod codec;
mod signature;
mod envelope;
mod memory;
mod broker;
mod any;
mod capabilities;
mod error;
mod delivery;
mod progress;
mod letter;
mod message;
mod counts;
mod backlog;
mod name;
mod time;
#[cfg(feature = "conformance")]
pub mod conformance;

pub use any::AnyBroker;
pub use backend::{EnvelopeError, OutboxError, QueueBackend};
pub use backlog::{Backlog, QueueInfo};
pub use broker::Broker;
pub use bytes::Bytes;
pub use capabilities::BrokerCapabilities;
pub use codec::{Codec, DecodeError, EncodeError, JsonCodec};
pub use counts::Counts;
pub use delivery::{Delivery, Next, Receipt, Settled, Settlement, Subscription};
pub use envelope::{
    Arguments, DecodeArgumentsError, Envelope, InvalidSource, InvalidTraceParent, InvalidTraceState, Json,
    JsonError, Payload, SCHEMA, Source, TraceParent,
};
pub use error::{BrokerError, GroupError, LetterError, PublishError};
pub use letter::{Attempt, DeadLetter, DeadReason, InvalidLetterId, Letter, LetterId, Page};
pub use memory::MemoryBroker;
pub use message::{Message, MessageId};
pub use name::{ConsumerName, GroupName, InvalidName, KeyId, QueueName};
pub use progress::{HandlerProgress, Progress, ProgressError};
pub use seal::{OpenError, Seal};
pub use signature::{KeyError, Keyring, Sealed, Signature, SignatureError};
pub use worker::{Summary, Worker, WorkerError, WorkerHandle};
