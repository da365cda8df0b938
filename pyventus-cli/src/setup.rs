//! What a program gives to the commands that ask a broker.

#[cfg(feature = "queue")]
use std::{pin::Pin, sync::Arc};

#[cfg(feature = "queue")]
use pyventus_queue::{AnyBroker, Broker, Worker};

/// What a program gives to its command line.
#[derive(Clone, Default)]
pub(crate) struct Setup {
    #[cfg(feature = "queue")]
    pub(crate) connect: Option<Connect>,
    #[cfg(feature = "queue")]
    pub(crate) worker: Option<SetUpWorker>,
    /// What is received from, and for whom, unless the command line says it.
    #[cfg(feature = "queue")]
    pub(crate) queue: Option<String>,
    #[cfg(feature = "queue")]
    pub(crate) group: Option<String>,
}

/// How the broker of the program is connected.
#[cfg(feature = "queue")]
pub(crate) type Connect = Arc<dyn Fn() -> Connecting + Send + Sync>;

#[cfg(feature = "queue")]
type Connecting = Pin<Box<dyn Future<Output = anyhow::Result<AnyBroker>> + Send>>;

/// How the worker of the program is set up.
#[cfg(feature = "queue")]
pub(crate) type SetUpWorker =
    Arc<dyn Fn(Worker<AnyBroker>, &AnyBroker) -> anyhow::Result<Worker<AnyBroker>> + Send + Sync>;

/// Lets whatever connects a broker give any.
#[cfg(feature = "queue")]
pub(crate) fn connecting<C, F, B, E>(connect: C) -> Connect
where
    C: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<B, E>> + Send + 'static,
    B: Broker,
    E: Into<anyhow::Error>,
{
    Arc::new(move || {
        let connecting = connect();
        Box::pin(async move { connecting.await.map(AnyBroker::new).map_err(Into::into) })
    })
}
