//! Which thread runs a handler, and what it may do there.

use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use pyventus_core::{Backend, Capability, Context, EventLinker, args};
use pyventus_tokio::{ThreadPoolBackend, ThreadPoolError};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{Barrier, oneshot};

use crate::{Held, Log, Meeting, emitter, pool, runtimes};

/// The name of the calling thread.
fn here() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

// X4 V33
#[test]
fn a_pool_of_no_threads_is_an_error() {
    let error = ThreadPoolBackend::new(0).unwrap_err();
    assert!(matches!(error, ThreadPoolError::ZeroThreads));
    assert_eq!(error.to_string(), "a pool of zero threads runs nothing");
    assert!(error.source().is_none());
}

// X1
#[test]
fn emit_returns_at_once_in_synchronous_and_in_asynchronous_code() {
    let linker = EventLinker::new();
    let held = Held::link(&linker);
    let backend = pool(1);
    let emitter = emitter(&backend, &linker);
    emitter.emit("held");
    held.wait_until_started();
    // The only thread is taken by now.
    emitter.emit("held");
    for runtime in runtimes() {
        runtime.block_on(async { drop(emitter.emit("held")) });
    }
    assert_eq!(backend.task_count(), 4);
    held.release_all();
    backend.wait().unwrap();
    assert_eq!(backend.task_count(), 0);
}

// X1
#[test]
fn one_thread_of_the_pool_runs_all_handlers_of_an_emission_and_has_a_name() {
    static SEEN: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
    let linker = EventLinker::new();
    let see = |context: &Context| SEEN.lock().unwrap().push((context.id().to_string(), here()));
    linker.subscribe("e").handler(move |context: Context| see(&context)).unwrap();
    linker
        .subscribe("e")
        .handler(move |context: Context| async move {
            see(&context);
            tokio::time::sleep(Duration::from_millis(1)).await;
            see(&context);
        })
        .unwrap();
    let backend = pool(3);
    for _ in 0..20 {
        emitter(&backend, &linker).emit("e");
    }
    backend.close().unwrap();

    let seen = SEEN.lock().unwrap();
    assert_eq!(seen.len(), 60);
    let emissions: BTreeSet<_> = seen.iter().map(|(emission, _)| emission).collect();
    let pairs: BTreeSet<_> = seen.iter().collect();
    assert_eq!((emissions.len(), pairs.len()), (20, 20), "an emission has changed its thread");
    let expected = ["pyventus-pool-0", "pyventus-pool-1", "pyventus-pool-2"];
    assert!(seen.iter().all(|(_, thread)| expected.contains(&&**thread)), "{seen:?}");
}

#[test]
fn as_many_emissions_run_at_a_time_as_there_are_threads_and_no_more() {
    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let linker = EventLinker::new();
    let meeting = Meeting::default();
    linker
        .subscribe("e")
        .handler(move || {
            let running = RUNNING.fetch_add(1, Ordering::SeqCst) + 1;
            MOST.fetch_max(running, Ordering::SeqCst);
            // The first three go on together; it holds for all that follow.
            let have_met = meeting.of(3);
            RUNNING.fetch_sub(1, Ordering::SeqCst);
            if have_met { Ok(()) } else { Err(io::Error::other("nobody else has come")) }
        })
        .unwrap();
    let backend = pool(3);
    assert_eq!(backend.threads(), 3);
    let emitter = emitter(&backend, &linker);
    let handles: Vec<_> = (0..30).map(|_| emitter.emit("e")).collect();
    for handle in handles {
        assert_eq!(handle.wait().unwrap().succeeded(), 1);
    }
    assert_eq!(MOST.load(Ordering::SeqCst), 3);
}

// X5
#[test]
fn values_and_errors_of_handlers_are_answered_and_reported() {
    let linker = EventLinker::new();
    let log = Log::default();
    let (success, failure) = (log.clone(), log.clone());
    linker
        .subscribe("e")
        .on_success(move |value: u32| success.push(value.to_string()))
        .on_failure(move |error: &io::Error| failure.push(error.to_string()))
        .handler(|context: Context| match context.args().len() {
            0 => Ok(7_u32),
            _ => Err(io::Error::other("disk")),
        })
        .unwrap();
    let backend = pool(1);
    let emitter = emitter(&backend, &linker);
    assert_eq!(emitter.emit("e").wait().unwrap().succeeded(), 1);
    let report = emitter.emit_with("e", args![1]).wait().unwrap();
    assert!(report.outcomes()[0].error().unwrap().is::<io::Error>());
    assert_eq!(log.lines(), ["7", "disk"]);
}

// X6
#[test]
fn synchronous_handlers_run_on_the_thread_of_the_pool_and_blocking_ones_beside_it() {
    let linker = EventLinker::new();
    let meeting = Meeting::default();
    let (log, met) = (Log::default(), meeting.clone());
    let (sync, asynchronous, blocking) = (log.clone(), log.clone(), log.clone());
    linker
        .subscribe("e")
        .blocking()
        .handler(move || {
            blocking.push(format!("blocking {}", meeting.of(2)));
            assert_ne!(here(), "pyventus-pool-0");
        })
        .unwrap();
    linker
        .subscribe("e")
        .handler(move || {
            sync.push(format!("sync {}", here()));
            // Both run at a time, or they do not meet.
            assert!(met.of(2));
        })
        .unwrap();
    linker
        .subscribe("e")
        .handler(move || {
            let log = asynchronous.clone();
            async move { log.push(format!("async {}", here())) }
        })
        .unwrap();
    let backend = pool(1);
    assert_eq!(emitter(&backend, &linker).emit("e").wait().unwrap().succeeded(), 3);
    let mut lines = log.lines();
    lines.sort_unstable();
    assert_eq!(lines, ["async pyventus-pool-0", "blocking true", "sync pyventus-pool-0"]);
}

// X6
#[test]
fn asynchronous_handlers_of_an_emission_wait_beside_one_another() {
    let linker = EventLinker::new();
    let barrier = Arc::new(Barrier::new(3));
    for _ in 0..3 {
        let barrier = Arc::clone(&barrier);
        linker
            .subscribe("e")
            .handler(move || {
                let barrier = Arc::clone(&barrier);
                async move { barrier.wait().await.is_leader() }
            })
            .unwrap();
    }
    let backend = pool(1);
    assert_eq!(emitter(&backend, &linker).emit("e").wait().unwrap().succeeded(), 3);
}

#[test]
fn handlers_use_the_timers_the_sockets_and_the_tasks_of_tokio() {
    let linker = EventLinker::new();
    linker
        .subscribe("timer")
        .handler(|| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let never = std::future::pending::<()>();
            assert!(tokio::time::timeout(Duration::from_millis(1), never).await.is_err());
        })
        .unwrap();
    linker
        .subscribe("socket")
        .handler(|| async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            let (accepted, connected) = tokio::join!(listener.accept(), TcpStream::connect(address));
            assert_eq!(accepted?.1, connected?.local_addr()?);
            Ok::<_, io::Error>(())
        })
        .unwrap();
    linker
        .subscribe("task")
        .handler(|| async {
            let task = tokio::spawn(async { tokio::task::spawn_blocking(here).await });
            assert_eq!(task.await??, "pyventus-pool-tokio");
            Ok::<_, tokio::task::JoinError>(())
        })
        .unwrap();
    let backend = pool(1);
    let emitter = emitter(&backend, &linker);
    for event in ["timer", "socket", "task"] {
        let report = emitter.emit(event).wait().unwrap();
        assert_eq!(report.succeeded(), 1, "{event}: {report:?}");
    }
}

#[test]
fn a_synchronous_handler_may_block_in_every_way_there_is() {
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .handler(|| {
            Handle::current().block_on(tokio::time::sleep(Duration::from_millis(1)));
            let (tx, rx) = oneshot::channel();
            tokio::spawn(async move { tx.send(7) });
            rx.blocking_recv()
        })
        .unwrap();
    let backend = pool(1);
    assert_eq!(emitter(&backend, &linker).emit("e").wait().unwrap().succeeded(), 1);
}

// X1
#[test]
fn it_is_emitted_to_and_waited_for_from_everywhere() {
    let linker = EventLinker::new();
    linker
        .subscribe("e")
        .handler(|| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert!(here().starts_with("pyventus-pool-"));
        })
        .unwrap();
    for threads in [1, 2] {
        let backend = pool(threads);
        let emitter = emitter(&backend, &linker);
        assert_eq!(emitter.emit("e").wait().unwrap().succeeded(), 1);
        for runtime in runtimes() {
            let report = runtime.block_on(async { emitter.emit("e").await }).unwrap();
            assert_eq!(report.succeeded(), 1);
            let spawned = runtime.spawn({
                let emitter = emitter.clone();
                async move { emitter.emit("e").await }
            });
            assert_eq!(runtime.block_on(spawned).unwrap().unwrap().succeeded(), 1);
            let emitter = emitter.clone();
            let may_block = runtime.spawn_blocking(move || emitter.emit("e").wait());
            assert_eq!(runtime.block_on(may_block).unwrap().unwrap().succeeded(), 1);
        }
    }
}

#[test]
fn a_pool_says_what_it_promises_and_how_it_is() {
    let (one, two) = (pool(1), pool(2));
    let capabilities = |backend: &ThreadPoolBackend| backend.capabilities().iter().collect::<Vec<_>>();
    assert_eq!(capabilities(&one), [Capability::Ordered, Capability::AwaitsNested, Capability::Offloads]);
    assert_eq!(capabilities(&two), [Capability::Isolated, Capability::AwaitsNested, Capability::Offloads]);
    assert_eq!(one.name(), "ThreadPoolBackend");
    assert_eq!(one.id(), one.clone().id());
    assert_ne!(one.id(), two.id());
    assert_eq!(
        format!("{:?}", two.clone()),
        "ThreadPoolBackend { threads: 2, task_count: 0, is_owner: false, .. }"
    );
}
