//! The spans of emissions that are published, and of what workers do with them.

use std::future::pending;
use std::io;
use std::time::Duration;

use pyventus::queue::{MemoryBroker, QueueBackend, Worker};
use pyventus::{Context, EventEmitter, EventLinker, Permanent, Retry};
use tokio::runtime::Builder;
use tracing::Level;

use crate::collect::{Root, at_the_top, say};

const SOON: Duration = Duration::from_millis(1);

/// Emits an event, and handles all that there is until its handlers have emitted `ended`.
fn emit_and_work(linker: &EventLinker, event: &str) -> Root {
    let root = Root::new();
    Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let broker = MemoryBroker::new(100);
        let emitter = EventEmitter::builder(QueueBackend::new(broker.clone())).linker(linker).build();
        let handle = root.span.in_scope(|| emitter.emit(event));
        handle.await.unwrap();
        let worker = Worker::new(broker).group("billing").emitter(emitter).poll(SOON);
        let stop = worker.handle();
        linker.subscribe("ended").handler(move || stop.stop()).unwrap();
        worker.retry(Retry::new(2).first(SOON)).run_until(pending::<()>()).await.unwrap();
    });
    root
}

#[test]
fn an_emission_lasts_until_the_broker_has_accepted_it() {
    let linker = EventLinker::new();
    linker.subscribe("accepted").handler(|context: Context| drop(context.emitter().emit("ended"))).unwrap();
    let root = emit_and_work(&linker, "accepted");
    assert_eq!(root.tree(), "emission accepted accepted\n");
    let [emission] = &root.nodes()[..] else { panic!("{}", root.tree()) };
    assert_eq!(emission.fields["backend"], "QueueBackend");
    assert_eq!(emission.level, Level::DEBUG);
}

#[test]
fn an_emission_that_cannot_be_published_was_refused() {
    let root = Root::of(|| {
        let emitter = EventEmitter::new(QueueBackend::new(MemoryBroker::new(1)));
        emitter.emit("e").wait().unwrap();
        assert!(emitter.emit("too many").wait().is_err());
    });
    assert_eq!(root, "emission e accepted\nemission too many refused\n");
}

#[test]
fn a_worker_has_a_span_for_each_delivery_and_each_attempt() {
    let linker = EventLinker::new();
    linker.subscribe("delivered").handler(|| say!("sound")).unwrap();
    linker
        .subscribe("delivered")
        .on_failure(|_: &anyhow::Error, context: Context| {
            say!("given up");
            context.emitter().emit("ended");
        })
        .handler(|| async {
            tokio::task::yield_now().await;
            say!("broken");
            Err::<(), _>(io::Error::other("disk"))
        })
        .unwrap();
    linker
        .subscribe("delivered")
        .handler(|| Err::<(), _>(Permanent::new(io::Error::other("never"))))
        .unwrap();
    linker.subscribe("delivered").retry(Retry::NEVER).timeout(SOON).handler(pending::<()>).unwrap();
    linker.subscribe("delivered").blocking().handler(|| say!("blocking")).unwrap();
    emit_and_work(&linker, "delivered");

    let (deliveries, tree) = at_the_top("delivered");
    let expected = "\
emission delivered again
  handler 1 success
    - sound
  handler 1 failure
    - broken
  handler 1 failure
  handler 1 timeout
  handler 1 success
    - blocking
emission delivered failure
  handler 2 failure
    - broken
    - given up
    emission ended accepted
";
    assert_eq!(tree, expected);
    for delivery in deliveries {
        assert_eq!((&*delivery.fields["queue"], &*delivery.fields["group"]), ("events", "billing"));
        assert_eq!(delivery.fields["emission"].len(), 36);
        assert_eq!(delivery.level, Level::INFO);
    }
}
