//! A broker that several runtimes use, of which some end.

use pyventus_core::{EventEmitter, EventLinker};
use pyventus_queue::{Broker, GroupName, QueueBackend, QueueName};
use pyventus_redis::RedisBroker;
use tokio::runtime::{Builder, Runtime};

use crate::support::Server;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}

async fn accepted(broker: &RedisBroker) -> u64 {
    let counts = broker.counts(&QueueName::default(), &GroupName::default()).await;
    counts.expect("the server is there").accepted
}

/// The runtime on which the broker was connected ends right after events were emitted on it: all of them are published,
/// and other runtimes go on with the same broker.
#[test]
fn a_runtime_that_ends_waits_until_everything_was_published_though_it_has_connected_the_broker() {
    const EVENTS: u64 = 300;

    let Some(server) = Server::start(&[]) else { return };
    let first = runtime();
    let broker = first.block_on(RedisBroker::connect(server.url())).expect("the server is there");
    let backend = QueueBackend::new(broker.clone());
    let emitter = EventEmitter::builder(backend).linker(&EventLinker::new()).build();
    first.block_on(async {
        for _ in 0..EVENTS {
            drop(emitter.emit("order.placed"));
        }
    });
    drop(first);
    // Nothing is on its way any more.
    assert_eq!(runtime().block_on(accepted(&broker)), EVENTS);
    for _ in 0..3 {
        emitter.emit("order.placed").wait().expect("no runtime is needed");
    }
    assert_eq!(runtime().block_on(accepted(&broker)), EVENTS + 3);
}
