//! The contract and the linkage of pyventus: events, linkers, emitters and backends.
//!
//! This crate knows no runtime and does no I/O. Programs use the facade, `pyventus`, which re-exports all
//! of it and adds the attributes. Depend on this crate alone to write a backend, or a library that emits.
//!
//! An attribute leaves a registration; registrations fill a linker; an emitter makes an emission
//! and hands it to a backend; the backend runs the handlers; every handler ends in an outcome, and
//! the outcome runs its success or failure callback.
//!
//! ```
//! use pyventus_core::{EventEmitter, EventLinker, InlineBackend};
//!
//! let linker = EventLinker::new();
//! linker.subscribe("order.placed").on_success(|id: u32| println!("order {id}")).handler(|| 7_u32)?;
//!
//! let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
//! assert_eq!(emitter.emit("order.placed").wait()?.succeeded(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | to | see |
//! |---|---|
//! | let events happen | [`EventEmitter`], [`EmissionHandle`], [`args!`] |
//! | say what happens then | [`EventLinker`], [`Subscribe`], [`EventKey`] |
//! | say what a handler may take | [`Context`], [`State`], [`FromEmission`] |
//! | find out how handlers ended | [`EmissionReport`], [`Outcome`] |
//! | write a backend | [`Backend`], [`EventEmission`], [`Capabilities`]; `conformance`, behind the feature of that name |
//! | look into a program | [`EventLinker::verify`], [`EventLinker::topology`] |
//! | run the handlers of events from elsewhere | [`RemoteEvent`], [`EventCodec`] |
#![cfg_attr(docsrs, feature(doc_cfg))]

mod declared;
mod codec;
mod registration;
mod linker;
mod registry;
mod order;
mod known;
mod verify;
mod finding;
mod topology;
mod subscribe;
mod subscription;
mod remote;
mod emitter;
mod handle;
mod unmatched;
mod nearest;
mod emission;
mod backend;
mod capabilities;
mod inline;
mod offload;
mod retry;
mod subscriber;
mod span;
#[cfg(feature = "metrics")]
mod meter;
mod handler;
mod closure;
mod callback;
mod probe;
mod bind;
mod view;
mod context;
mod states;
mod sync;
mod target;
mod schema;
mod outcome;
mod emitted;
mod object;
mod key;
mod event;
mod args;
mod link;
mod origin;
mod error;
#[cfg(feature = "fmt")]
pub mod fmt;
#[cfg(feature = "asyncapi")]
pub mod asyncapi;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "testing")]
pub mod testing;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use anyhow;

pub use args::Args;
pub use backend::{Backend, SubmitError};
pub use bind::{Borrowed, FromEmission, State};
pub use capabilities::{BackendId, Capabilities, Capability};
pub use closure::{
    AcceptedBy, IntoFailureCallback, IntoHandler, IntoResult, IntoSuccessCallback, Wants, Whatever,
};
pub use codec::{CodecError, EventCodec};
pub use context::{Context, EmissionId};
pub use declared::DeclaredHandler;
pub use emission::{EventEmission, Payload, Place, Scoped};
pub use emitted::IntoEvent;
pub use emitter::{EventEmitter, EventEmitterBuilder};
pub use error::{BindError, SubscribeError};
pub use event::Event;
pub use finding::{Finding, Severity};
pub use handle::{EmissionHandle, EmitError};
pub use inline::InlineBackend;
pub use key::{EmptyEventName, EventKey, IntoKeys, KeysError, key};
pub use known::UnknownEvent;
pub use linker::EventLinker;
pub use offload::{BlockingJob, HandlerCancelled, Offload};
pub use origin::Origin;
pub use outcome::{EmissionReport, HandlerPanic, Outcome};
pub use registration::Registered;
pub use remote::{RemoteEmission, RemoteEvent, RemoteHandler, RemoteOutcome, RemoteRun, Timeout};
pub use retry::{HandlerTimedOut, Permanent, Retry};
pub use subscribe::Subscribe;
pub use subscription::Subscription;
pub use topology::{Changes, NoTopology, Topology};
