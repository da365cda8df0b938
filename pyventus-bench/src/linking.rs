//! Changes of the links: subscribing, unsubscribing, one-time handlers, the emission after a
//! change.

use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use pyventus::{EventLinker, Subscription, key};

use crate::event::{OrderPlaced, answer};
use crate::floors::dyn_loop;
use crate::inline::{emitter, link_typed};
use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

/// How many changes are timed at once.
const BATCH: usize = 100;

/// The races of changes among few handlers and among many, and of one-time handlers.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    let changes = [
        Race::new("subscribing", || subscribing([100, 10_000])),
        Race::new("unsubscribing, the oldest first", || unsubscribing([100, 10_000])),
    ];
    let once = options.sizes(&[100, 10_000], &[100, 1000]).into_iter().map(|n| {
        let contenders = move || vec![mem_take(n), once_take(n)];
        Race::new("one-time handlers, taken in one emission, per handler", contenders)
    });
    let after = options.sizes(&[10, 1000, 10_000], &[10, 1000]).into_iter().map(|n| {
        let contenders = move || vec![dyn_loop(n), emit_after_subscribe(n), first_emit_subscribed(n)];
        Race::new("the emission after a change", contenders)
    });
    changes.into_iter().chain(once).chain(after).collect()
}

type SharedHandler = Arc<dyn Fn(&OrderPlaced) + Send + Sync>;

fn shared_handler() -> SharedHandler {
    Arc::new(answer)
}

fn timed<T>(code: impl FnOnce() -> T) -> (T, Duration) {
    let since = Instant::now();
    let value = code();
    (value, since.elapsed())
}

fn lock<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Subscribing among few and among many; it is to cost as much.
fn subscribing([few, many]: [usize; 2]) -> Vec<Contender> {
    let of = |n| [vec_push(n), lazy_publish(n), subscribe("subscribe", n).over("vec_push")];
    let growth = subscribe("subscribe_growth", many).over_size("subscribe", few);
    of(few).into_iter().chain(of(many)).chain([growth]).collect()
}

/// The same for unsubscribing.
fn unsubscribing([few, many]: [usize; 2]) -> Vec<Contender> {
    let of = |n| [tombstone(n), unsubscribe("unsubscribe_fifo", n).over("tombstone")];
    let growth = unsubscribe("unsubscribe_growth", many).over_size("unsubscribe_fifo", few);
    of(few).into_iter().chain(of(many)).chain([growth]).collect()
}

/// Pushing a shared closure to a list under a lock.
fn vec_push(n: usize) -> Contender {
    let contender = Contender::partly("vec_push", n, move || {
        let list: Mutex<Vec<SharedHandler>> = Mutex::new((0..n).map(|_| shared_handler()).collect());
        move || {
            let ((), elapsed) = timed(|| (0..BATCH).for_each(|_| lock(&list).push(shared_handler())));
            lock(&list).truncate(n);
            elapsed
        }
    });
    contender.of(BATCH)
}

/// The same with what a subscription needs: an identity, a sign for whoever emits next, and a
/// handle that keeps nothing alive.
fn lazy_publish(n: usize) -> Contender {
    #[derive(Default)]
    struct Links {
        handlers: Mutex<Vec<(u64, SharedHandler)>>,
        version: AtomicU64,
    }

    fn subscribe(links: &Arc<Links>) -> (Weak<Links>, u64) {
        let handler = shared_handler();
        let mut handlers = lock(&links.handlers);
        let id = links.version.fetch_add(1, Ordering::Release);
        handlers.push((id, handler));
        (Arc::downgrade(links), id)
    }

    let contender = Contender::partly("lazy_publish", n, move || {
        let links = Arc::new(Links::default());
        lock(&links.handlers).extend((0..n).map(|_| (0, shared_handler())));
        move || {
            let mut handles = Vec::with_capacity(BATCH);
            let ((), elapsed) = timed(|| handles.extend((0..BATCH).map(|_| subscribe(&links))));
            lock(&links.handlers).truncate(n);
            elapsed
        }
    });
    contender.of(BATCH).over("vec_push")
}

fn subscribe_to(linker: &EventLinker) -> Subscription {
    linker.subscribe(key::<OrderPlaced>()).handler(answer).expect("the handler is linked")
}

fn subscribe(case: &str, n: usize) -> Contender {
    let contender = Contender::partly(case, n, move || {
        let linker = EventLinker::new();
        link_typed(&linker, n);
        move || {
            let mut subscriptions = Vec::with_capacity(BATCH);
            let ((), elapsed) = timed(|| subscriptions.extend((0..BATCH).map(|_| subscribe_to(&linker))));
            for subscription in subscriptions {
                subscription.unsubscribe();
            }
            elapsed
        }
    });
    contender.of(BATCH)
}

/// Emptying the place of a shared closure in a list under a lock.
fn tombstone(n: usize) -> Contender {
    let contender = Contender::partly("tombstone", n, move || {
        let list: Mutex<Vec<Option<SharedHandler>>> =
            Mutex::new((0..n).map(|_| Some(shared_handler())).collect());
        let mut oldest = 0;
        move || {
            let places: Vec<usize> = (oldest..oldest + BATCH).map(|place| place % n).collect();
            let ((), elapsed) = timed(|| places.iter().for_each(|&place| drop(lock(&list)[place].take())));
            for &place in &places {
                lock(&list)[place] = Some(shared_handler());
            }
            oldest = (oldest + BATCH) % n;
            elapsed
        }
    });
    contender.of(BATCH)
}

fn unsubscribe(case: &str, n: usize) -> Contender {
    let contender = Contender::partly(case, n, move || {
        let linker = EventLinker::new();
        let mut subscriptions: VecDeque<_> = (0..n).map(|_| subscribe_to(&linker)).collect();
        move || {
            let oldest: Vec<_> = subscriptions.drain(..BATCH).collect();
            let (unsubscribed, elapsed) =
                timed(|| oldest.iter().filter(|subscription| subscription.unsubscribe()).count());
            assert_eq!(unsubscribed, BATCH);
            subscriptions.extend((0..BATCH).map(|_| subscribe_to(&linker)));
            elapsed
        }
    });
    contender.of(BATCH)
}

/// Taking a list of closures out under a lock, then calling each.
fn mem_take(n: usize) -> Contender {
    type Once = Box<dyn FnOnce(&OrderPlaced) + Send>;

    let contender = Contender::partly("mem_take", n, move || {
        let (list, event) = (Mutex::new(Vec::<Once>::new()), OrderPlaced::build());
        move || {
            lock(&list).extend((0..n).map(|_| Box::new(answer) as Once));
            let ((), elapsed) = timed(|| {
                let taken = mem::take(&mut *lock(&list));
                for handler in taken {
                    handler(&event);
                }
            });
            elapsed
        }
    });
    contender.of(n)
}

fn once_take(n: usize) -> Contender {
    let contender = Contender::partly("once_take", n, move || {
        let (emitter, event) = (emitter(|_| ()), OrderPlaced::shared());
        move || {
            for _ in 0..n {
                let subscribe = emitter.linker().subscribe(key::<OrderPlaced>()).once();
                subscribe.handler(answer).expect("the handler is linked");
            }
            let (report, elapsed) = timed(|| emitter.emit(Arc::clone(&event)).wait());
            assert_eq!(report.expect("the emission ends").succeeded(), n);
            elapsed
        }
    });
    contender.of(n).at_most(20).over("mem_take")
}

/// The first emission after a handler was added to many.
fn emit_after_subscribe(n: usize) -> Contender {
    let contender = Contender::partly("emit_after_subscribe", n, move || {
        let (emitter, event) = (emitter(|linker| link_typed(linker, n - 1)), OrderPlaced::shared());
        move || {
            let subscription = subscribe_to(emitter.linker());
            let ((), elapsed) = timed(|| drop(emitter.emit(Arc::clone(&event))));
            subscription.unsubscribe();
            elapsed
        }
    });
    contender.at_most(1000).over("dyn_loop")
}

/// The first emission of all after many handlers were added.
fn first_emit_subscribed(n: usize) -> Contender {
    let contender = Contender::partly("first_emit_subscribed", n, move || {
        let event = OrderPlaced::shared();
        move || {
            let emitter = emitter(|linker| link_typed(linker, n));
            let ((), elapsed) = timed(|| drop(emitter.emit(Arc::clone(&event))));
            elapsed
        }
    });
    contender.at_most(20).over("dyn_loop")
}
