//! What a test serves: routes that emit, and handlers that log.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{MethodRouter, get};
use pyventus_axum::{BackgroundTasksLayer, Emitter};
use pyventus_core::{EmissionHandle, EmitError, EventLinker};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex as AsyncMutex, Semaphore};

use crate::server::Server;

/// The handlers of a test, their log, and the handles of what its routes emit.
pub(crate) struct Site {
    pub(crate) linker: EventLinker,
    pub(crate) layer: BackgroundTasksLayer,
    log: Arc<Mutex<Vec<String>>>,
    emitted: UnboundedSender<EmissionHandle>,
    handles: AsyncMutex<UnboundedReceiver<EmissionHandle>>,
}

impl Site {
    pub(crate) fn new() -> Self {
        let linker = EventLinker::new();
        let layer = BackgroundTasksLayer::new().linker(&linker);
        let (emitted, handles) = unbounded_channel();
        Self { linker, layer, log: Arc::default(), emitted, handles: AsyncMutex::new(handles) }
    }

    /// Links a handler of each of the events, which logs its start and its end, with pauses between.
    pub(crate) fn link(&self, events: &[&'static str]) {
        for &event in events {
            let log = self.logger();
            let handler = move || {
                let log = log.clone();
                async move {
                    log(format!("{event} starts"));
                    for _ in 0..3 {
                        tokio::task::yield_now().await;
                    }
                    log(format!("{event} ends"));
                }
            };
            self.linker.subscribe(event).handler(handler).unwrap();
        }
    }

    /// Links a handler that waits until the gate is opened.
    pub(crate) fn link_gate(&self, event: &'static str) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        let (opened, log) = (Arc::clone(&gate), self.logger());
        let handler = move || {
            let (opened, log) = (Arc::clone(&opened), log.clone());
            async move {
                log(format!("{event} starts"));
                opened.acquire().await.unwrap().forget();
                log(format!("{event} ends"));
            }
        };
        self.linker.subscribe(event).handler(handler).unwrap();
        gate
    }

    /// A route that emits the events and answers.
    pub(crate) fn emits(&self, events: &'static [&'static str]) -> MethodRouter {
        let keep = self.keeper();
        get(async move |Emitter(emitter): Emitter| {
            for &event in events {
                keep(emitter.emit(event));
            }
            "the answer"
        })
    }

    /// What keeps a handle for the test to look at.
    pub(crate) fn keeper(&self) -> impl Fn(EmissionHandle) + Clone + Send + Sync + 'static {
        let emitted = self.emitted.clone();
        move |handle| emitted.send(handle).unwrap()
    }

    /// What logs a line.
    pub(crate) fn logger(&self) -> impl Fn(String) + Clone + Send + Sync + 'static {
        let log = Arc::clone(&self.log);
        move |line| log.lock().unwrap().push(line)
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Serves the routes below the layer.
    pub(crate) async fn serve(&self, routes: Router) -> Server {
        Server::start(routes.layer(self.layer.clone())).await
    }

    /// The next handle that was kept.
    pub(crate) async fn handle(&self) -> EmissionHandle {
        self.handles.lock().await.recv().await.unwrap()
    }

    /// Checks that the next emissions were not run.
    pub(crate) async fn assert_cancelled(&self, count: usize) {
        for _ in 0..count {
            let result = self.handle().await.await;
            assert!(matches!(result, Err(EmitError::Cancelled)), "{result:?}");
        }
        assert_eq!(self.log(), [""; 0]);
    }

    /// Checks that the next emissions have run their one handler.
    pub(crate) async fn assert_ran(&self, count: usize) {
        for _ in 0..count {
            assert_eq!(self.handle().await.await.unwrap().succeeded(), 1);
        }
    }
}

/// The lines of handlers that ran one after the other.
pub(crate) fn in_turn(events: &[&str]) -> Vec<String> {
    events.iter().flat_map(|event| [format!("{event} starts"), format!("{event} ends")]).collect()
}
