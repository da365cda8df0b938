//! How long `emit` itself takes where the emission runs later.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pyventus::TokioBackend;
use tokio::task::yield_now;

use crate::event::OrderPlaced;
use crate::floors::{AsyncHandler, ready_handlers};
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

use super::ready::link_ready;
use super::{Flavour, drive, emitter, races_of};

/// How many emissions wait at most: a queue that grows without a limit measures the allocator.
const WAITING: u64 = 256;

pub(super) fn races(_: &Options) -> Vec<Race> {
    races_of("return of the call", &[1, 10, 100], contenders)
}

fn contenders(n: usize, flavour: Flavour) -> Vec<Contender> {
    vec![spawn_return(n, flavour), emit_return(n, flavour)]
}

/// Spawning a task that awaits the handlers one after the other.
fn spawn_return(n: usize, flavour: Flavour) -> Contender {
    static ENDED: AtomicU64 = AtomicU64::new(0);

    Contender::timed(format!("spawn_return_{flavour}"), n, move || {
        let runtime = flavour.runtime();
        let handlers: Arc<[AsyncHandler]> = ready_handlers(n).into();
        let event = OrderPlaced::shared();
        move |times| {
            let (handlers, event) = (Arc::clone(&handlers), Arc::clone(&event));
            let before = ENDED.load(Ordering::Acquire);
            let spawn = move || {
                let (handlers, event) = (Arc::clone(&handlers), Arc::clone(&event));
                drop(tokio::spawn(async move {
                    for handler in handlers.iter() {
                        handler(Arc::clone(&event)).await;
                    }
                    ENDED.fetch_add(1, Ordering::AcqRel);
                }));
            };
            let have_ended = move |calls| ENDED.load(Ordering::Acquire) == before + calls;
            drive(&runtime, calls(times, spawn, have_ended))
        }
    })
}

/// Emitting a shared event and dropping the handle.
fn emit_return(n: usize, flavour: Flavour) -> Contender {
    let contender = Contender::timed(format!("tokio_return_{flavour}"), n, move || {
        let runtime = flavour.runtime();
        let backend = TokioBackend::new();
        let emitter = emitter(backend.clone(), |linker| link_ready(linker, n));
        let event = OrderPlaced::shared();
        move |times| {
            let (emitter, event, backend) = (emitter.clone(), Arc::clone(&event), backend.clone());
            let emit = move || drop(emitter.emit(Arc::clone(&event)));
            drive(&runtime, calls(times, emit, move |_| backend.task_count() == 0))
        }
    });
    contender.over(format!("spawn_return_{flavour}"))
}

/// Times the calls alone; what they started ends outside of the timer.
async fn calls(times: u64, call: impl Fn() + Send, have_ended: impl Fn(u64) -> bool + Send) -> Duration {
    let (mut done, mut elapsed) = (0, Duration::ZERO);
    while done < times {
        let batch = WAITING.min(times - done);
        let since = Instant::now();
        for _ in 0..batch {
            call();
        }
        elapsed += since.elapsed();
        done += batch;
        while !have_ended(done) {
            yield_now().await;
        }
    }
    elapsed
}
