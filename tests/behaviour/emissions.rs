//! What an emission is, from being handed to a backend to its end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use futures::FutureExt;
use pyventus::{Backend, Context, Event, EventEmission, EventEmitter, EventLinker, SubmitError, args, key};

use crate::{Recorder, emitter_of, logging};

/// Keeps the emissions it is handed.
#[derive(Default)]
struct Kept(Mutex<Vec<EventEmission>>);

impl Kept {
    fn emitter(self: &Arc<Self>, linker: &EventLinker) -> EventEmitter {
        EventEmitter::builder(Arc::clone(self)).linker(linker).build()
    }

    fn take(&self) -> Vec<EventEmission> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Backend for Kept {
    fn submit(&self, emission: EventEmission) -> Result<(), SubmitError> {
        self.0.lock().unwrap().push(emission);
        Ok(())
    }
}

#[derive(Event)]
struct Placed;

// M8 N9
#[test]
fn one_emission_is_handed_over_once_however_many_handlers_there_are() {
    let (linker, kept) = (EventLinker::new(), Arc::new(Kept::default()));
    for _ in 0..3 {
        linker.subscribe((key::<Placed>(), "Placed")).handler(|| ()).unwrap();
    }
    let emitter = kept.emitter(&linker);
    let log = logging::at_debug(|| drop(emitter.emit(Placed)));
    assert_eq!(log.matches("[EventEmitter] Message: Emitting: ").count(), 1, "{log}");
    emitter.emit("nobody");
    let emissions = kept.take();
    assert_eq!(emissions.iter().map(EventEmission::len).collect::<Vec<_>>(), [3]);
}

// N2 N3 N4 N6
#[test]
fn an_emission_tells_its_name_time_and_identity_and_its_handlers_are_told_the_same() {
    static SEEN: Recorder = Recorder::new();
    let (linker, kept) = (EventLinker::new(), Arc::new(Kept::default()));
    linker
        .subscribe(key::<Placed>())
        .handler(|context: Context| {
            SEEN.push(format!("{} {} {:?}", context.id(), context.event_name(), context.timestamp()));
            context.args().len()
        })
        .unwrap();
    let before = SystemTime::now();
    kept.emitter(&linker).emit_with(Placed, args![1, two = 2]);
    let after = SystemTime::now();
    let emission = kept.take().remove(0);
    assert_eq!(emission.event_name(), "Placed");
    assert!(before <= emission.timestamp() && emission.timestamp() <= after);
    // Neither an emitter nor a linker is held by anyone else now.
    drop(linker);
    let told = format!("{} {} {:?}", emission.id(), emission.event_name(), emission.timestamp());
    emission.run().now_or_never().unwrap();
    assert_eq!(SEEN.take(), [told]);
}

// N5 M17
#[test]
fn the_handlers_of_an_emission_are_those_linked_when_it_was_made_in_their_order() {
    static SEEN: Recorder = Recorder::new();
    let (linker, kept) = (EventLinker::new(), Arc::new(Kept::default()));
    linker.subscribe("e").handler(|| SEEN.push("first")).unwrap();
    linker.subscribe("e").handler(|| SEEN.push("second")).unwrap();
    kept.emitter(&linker).emit("e");
    assert!(linker.clear());
    linker.subscribe("e").handler(|| SEEN.push("too late")).unwrap();
    kept.take().remove(0).run().now_or_never().unwrap();
    assert_eq!(SEEN.take(), ["first", "second"]);
}

// N7 M19 M21
#[test]
fn an_emission_ends_when_all_of_its_handlers_have_ended_whatever_their_outcome() {
    let (linker, kept) = (EventLinker::new(), Arc::new(Kept::default()));
    let (tx, rx) = futures::channel::oneshot::channel::<()>();
    let rx = Mutex::new(Some(rx));
    let ended = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ended);
    linker.subscribe("e").handler(move || rx.lock().unwrap().take().unwrap()).unwrap();
    linker.subscribe("e").handler(|| Err::<(), _>(std::io::Error::other("at once"))).unwrap();
    linker.subscribe("e").handler(move || counted.fetch_add(1, Ordering::Relaxed)).unwrap();
    let handle = kept.emitter(&linker).emit("e");
    let mut run = Box::pin(kept.take().remove(0).run());
    assert!(run.as_mut().now_or_never().is_none(), "the first handler waits");
    assert_eq!(ended.load(Ordering::Relaxed), 1, "and the last has ended");
    tx.send(()).unwrap();
    run.as_mut().now_or_never().unwrap();
    let report = handle.wait().unwrap();
    assert_eq!((report.succeeded(), report.failed()), (2, 1));
}

// G14 G16 G18 N11
#[test]
fn the_lines_of_an_emission_tell_what_was_taken_what_is_emitted_what_runs_and_then_what_handlers_say() {
    let linker = EventLinker::new();
    linker.subscribe("e").once().handler(|| tracing::info!("said by the handler")).unwrap();
    let log = logging::at_debug(|| drop(emitter_of(&linker).emit("e")));
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 4, "{log}");
    let parts = [
        "DEBUG [EventLinker] Message: One-time handler taken",
        "DEBUG [EventEmitter] Message: Emitting: ",
        "DEBUG [EventEmission] Running: ",
        "said by the handler",
    ];
    for (line, part) in lines.iter().zip(parts) {
        assert!(line.contains(part), "{part:?} in {line:?}");
    }
}
