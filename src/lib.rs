#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use pyventus_core::{
    AcceptedBy, Args, Backend, BackendId, BindError, BlockingJob, Borrowed, Capabilities, Capability,
    Changes, CodecError, Context, DeclaredHandler, EmissionHandle, EmissionId, EmissionReport, EmitError,
    EmptyEventName, Event, EventCodec, EventEmission, EventEmitter, EventEmitterBuilder, EventKey,
    EventLinker, Finding, FromEmission, HandlerCancelled, HandlerPanic, HandlerTimedOut, InlineBackend,
    IntoEvent, IntoFailureCallback, IntoHandler, IntoKeys, IntoResult, IntoSuccessCallback, KeysError,
    NoTopology, Offload, Origin, Outcome, Payload, Permanent, Place, Registered, RemoteEmission, RemoteEvent,
    RemoteHandler, RemoteOutcome, RemoteRun, Retry, Scoped, Severity, State, SubmitError, Subscribe,
    SubscribeError, Subscription, Timeout, Topology, UnknownEvent, Wants, Whatever, anyhow, args, key, link,
};

#[cfg(feature = "macros")]
pub use pyventus_macros::{Event, on, on_event, on_failure, on_success, once};

#[cfg(feature = "tokio")]
pub use pyventus_tokio::{
    BackendClosed, Closed, ThreadPoolBackend, ThreadPoolError, TokioBackend, WouldDeadlock, ZeroConcurrency,
};

#[cfg(feature = "axum")]
#[doc(inline)]
pub use pyventus_axum as axum;

#[cfg(feature = "cli")]
#[doc(inline)]
pub use pyventus_cli as cli;

#[cfg(feature = "asyncapi")]
pub use pyventus_core::asyncapi;

#[cfg(feature = "conformance")]
pub use pyventus_core::{backend_laws, conformance};

#[cfg(feature = "fmt")]
pub use pyventus_core::fmt;

#[cfg(feature = "queue")]
#[doc(inline)]
pub use pyventus_queue as queue;

#[cfg(feature = "redis")]
#[doc(inline)]
pub use pyventus_redis as redis;

#[cfg(feature = "sqlite")]
#[doc(inline)]
pub use pyventus_sqlite as sqlite;

#[cfg(feature = "testing")]
pub use pyventus_core::testing;

#[doc(hidden)]
pub use pyventus_core::__private;
