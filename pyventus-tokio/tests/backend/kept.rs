//! Tasks that have run an emission are kept for further ones, and no longer than they are of use.

use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use pyventus_core::EventLinker;
use pyventus_tokio::TokioBackend;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{Held, PATIENCE, emitter, runtimes};

/// Waits until so many tasks of the runtime are left at most.
async fn tasks_are_at_most(most: usize) {
    let ended = async {
        while Handle::current().metrics().num_alive_tasks() > most {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.unwrap();
}

#[test]
fn emissions_one_by_one_take_one_task_of_a_thread() {
    // On several threads, an emission may come before the task of the last one has come to rest.
    let [runtime, _] = runtimes();
    let linker = EventLinker::new();
    linker.subscribe("e").handler(async || tokio::task::yield_now().await).unwrap();
    let emitter = emitter(&TokioBackend::new(), &linker);
    runtime.block_on(async {
        for _ in 0..100 {
            assert_eq!(emitter.emit("e").await.unwrap().succeeded(), 1);
            assert_eq!(Handle::current().metrics().num_alive_tasks(), 1);
        }
    });
}

#[test]
fn of_many_tasks_few_are_kept() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        let held = Held::link(&linker);
        let emitter = emitter(&TokioBackend::new(), &linker);
        runtime.block_on(async {
            let handles: Vec<_> = (0..200).map(|_| emitter.emit("held")).collect();
            for _ in 0..200 {
                held.started().await;
            }
            held.release(200);
            for handle in handles {
                assert_eq!(handle.await.unwrap().succeeded(), 1);
            }
            tasks_are_at_most(32).await;
        });
    }
}

#[test]
fn the_tasks_of_a_backend_end_with_it_and_when_it_is_closed() {
    for runtime in runtimes() {
        let linker = EventLinker::new();
        linker.subscribe("e").handler(async || ()).unwrap();
        runtime.block_on(async {
            let backend = TokioBackend::new();
            let emitter = emitter(&backend, &linker);
            emitter.emit("e").await.unwrap();
            backend.close(Duration::ZERO).await.unwrap();
            tasks_are_at_most(0).await;
        });
        runtime.block_on(async {
            let emitter = emitter(&TokioBackend::new(), &linker);
            emitter.emit("e").await.unwrap();
            drop(emitter);
            tasks_are_at_most(0).await;
        });
    }
}

#[test]
fn a_kept_task_does_not_wait_behind_a_handler_that_blocks_its_thread() {
    let [_, runtime] = runtimes();
    let linker = EventLinker::new();
    let (tell, told) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    linker.subscribe("block").handler(move || released.lock().unwrap().recv().is_ok()).unwrap();
    linker.subscribe("quick").handler(move || tell.send(()).is_ok()).unwrap();
    let emitter = emitter(&TokioBackend::on_runtime(runtime.handle().clone()), &linker);
    // There are tasks that are kept, for both threads of the runtime.
    for _ in 0..10 {
        emitter.emit("quick").wait().unwrap();
        told.recv_timeout(PATIENCE).unwrap();
    }
    emitter.emit("block");
    for _ in 0..10 {
        thread::scope(|scope| {
            scope.spawn(|| emitter.emit("quick"));
        });
        told.recv_timeout(PATIENCE).unwrap();
    }
    release.send(()).unwrap();
}

// What is emitted when the runtime has ended is cancelled, and a runtime that comes later has tasks of its own.
#[test]
fn the_tasks_of_one_runtime_are_not_those_of_another() {
    let linker = EventLinker::new();
    linker.subscribe("e").handler(async || ()).unwrap();
    let emitter = emitter(&TokioBackend::new(), &linker);
    for _ in 0..3 {
        for runtime in runtimes() {
            let report = runtime.block_on(async { emitter.emit("e").await });
            assert_eq!(report.unwrap().succeeded(), 1);
        }
    }
}

/// A runtime with that many threads.
fn threads(count: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(count).enable_all().build().unwrap()
}

#[test]
fn no_emission_waits_behind_handlers_that_block_as_long_as_a_thread_is_free() {
    let runtime = threads(4);
    let linker = EventLinker::new();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    linker.subscribe("quick").handler(|| ()).unwrap();
    linker.subscribe("blocks").handler(move || released.lock().unwrap().recv()).unwrap();
    let emitter = emitter(&TokioBackend::new(), &linker);
    let burst = async move {
        let blocked: Vec<_> = (0..3).map(|_| emitter.emit("blocks")).collect();
        let quick: Vec<_> = (0..100).map(|_| emitter.emit("quick")).collect();
        for handle in quick {
            tokio::time::timeout(PATIENCE, handle).await.unwrap().unwrap();
        }
        for handle in blocked {
            release.send(()).unwrap();
            handle.await.unwrap();
        }
    };
    // Emitted by a thread of the runtime, which holds one of the tasks that it calls.
    runtime.block_on(async { tokio::spawn(burst).await.unwrap() });
}

#[test]
fn handlers_that_block_in_place_run_beside_one_another() {
    const EMISSIONS: usize = 20;

    let runtime = threads(2);
    let linker = EventLinker::new();
    let all = Arc::new(Barrier::new(EMISSIONS));
    linker.subscribe("meet").handler(move || tokio::task::block_in_place(|| all.wait().is_leader())).unwrap();
    let emitter = emitter(&TokioBackend::new(), &linker);
    runtime.block_on(async {
        let handles: Vec<_> = (0..EMISSIONS).map(|_| emitter.emit("meet")).collect();
        for handle in handles {
            tokio::time::timeout(PATIENCE, handle).await.unwrap().unwrap();
        }
    });
}
