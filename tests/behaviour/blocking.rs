//! Handlers on threads that may block end like all others.

use std::io;
use std::thread::{self, ThreadId};

use pyventus::{
    BindError, Context, EventEmitter, EventLinker, HandlerPanic, TokioBackend, args, on, on_failure,
};
use tokio::runtime::Builder;

use crate::{Recorder, emitter_of};

static DECLARED: EventLinker = EventLinker::namespace("blocking");
static SEEN: Recorder = Recorder::new();

#[on("e", linker = DECLARED, blocking)]
fn declared(kind: &str) -> Result<String, io::Error> {
    match kind {
        "error" => Err(io::Error::other("disk")),
        "panic" => panic!("boom"),
        _ => Ok(format!("{:?}", thread::current().id())),
    }
}

#[pyventus::on_success(declared)]
fn succeeded(handled_on: String) {
    SEEN.push(handled_on);
}

#[on_failure(declared)]
fn failed(error: &io::Error) {
    SEEN.push(format!("error {error}"));
}

#[on_failure(declared)]
async fn panicked(panic: &HandlerPanic) {
    SEEN.push(format!("panic {}", panic.message()));
}

#[on_failure(declared)]
fn unbound(error: &BindError) {
    SEEN.push(error.parameter().unwrap());
}

// H8 H19 C12
#[test]
fn a_blocking_handler_runs_on_another_thread_and_its_errors_are_errors_like_others() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let emitter = EventEmitter::builder(TokioBackend::new()).linker(&DECLARED).build();
    let seen = |args| {
        let report = runtime.block_on(async { emitter.emit_with("e", args).await }).unwrap();
        assert_eq!(report.outcomes().len(), 1);
        (report.succeeded(), SEEN.take().concat())
    };
    let (succeeded, handled_on) = seen(args!["value"]);
    assert_eq!(succeeded, 1);
    assert!(handled_on.starts_with("ThreadId(") && handled_on != format!("{:?}", thread::current().id()));
    assert_eq!(seen(args!["error"]), (0, "error disk".to_owned()));
    assert_eq!(seen(args!["panic"]), (0, "panic boom".to_owned()));
    assert_eq!(seen(args![]), (0, "kind".to_owned()));
}

// H8
#[test]
fn the_callbacks_of_a_blocking_handler_run_where_the_emission_runs() {
    static THREADS: std::sync::Mutex<Vec<ThreadId>> = std::sync::Mutex::new(Vec::new());
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .blocking()
        .on_success(|| THREADS.lock().unwrap().push(thread::current().id()))
        .on_failure(|_: &anyhow::Error| THREADS.lock().unwrap().push(thread::current().id()))
        .handler(|context: Context| {
            THREADS.lock().unwrap().push(thread::current().id());
            anyhow::ensure!(context.args().is_empty(), "an argument");
            Ok(())
        })
        .unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    let emitter = EventEmitter::builder(TokioBackend::new()).linker(&linker).build();
    let here = thread::current().id();
    for (args, succeeded) in [(args![], 1), (args![1], 0)] {
        let report = runtime.block_on(async { emitter.emit_with("e", args).await }).unwrap();
        assert_eq!(report.succeeded(), succeeded);
        let threads = std::mem::take(&mut *THREADS.lock().unwrap());
        assert!(threads.len() == 2 && threads[0] != here && threads[1] == here, "{threads:?} from {here:?}");
    }
    // A backend without such threads runs it in place.
    emitter_of(&linker).emit("e");
    assert_eq!(std::mem::take(&mut *THREADS.lock().unwrap()), [here, here]);
}

// S7 S8 S9
#[test]
fn a_blocking_handler_runs_on_another_thread_whatever_it_is_and_whoever_emits() {
    let linker = EventLinker::new();
    let current = || thread::current().id();
    let subscribe = || linker.subscribe("e").blocking();
    let away = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (sync, asynchronous) = (away.clone(), away.clone());
    subscribe().handler(move || sync.lock().unwrap().push(current())).unwrap();
    subscribe()
        .handler(move || {
            let away = asynchronous.clone();
            async move {
                tokio::task::yield_now().await;
                away.lock().unwrap().push(current());
            }
        })
        .unwrap();
    let emitter = EventEmitter::builder(TokioBackend::new()).linker(&linker).build();
    let runtime = Builder::new_current_thread().build().unwrap();
    // From synchronous code, and from asynchronous code.
    emitter.emit("e");
    let report = runtime.block_on(async { emitter.emit("e").await }).unwrap();
    assert_eq!(report.succeeded(), 2);
    let away = away.lock().unwrap();
    assert_eq!(away.len(), 4);
    assert!(!away.contains(&current()), "{away:?} from {:?}", current());
}
