//! The linker against a naive model: random subscriptions, removals and emissions.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io;
use std::sync::{Arc, Mutex};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use pyventus_core::{Event, EventEmitter, EventKey, EventLinker, InlineBackend, Subscription};

struct First;
struct Second;

impl Event for First {
    const NAME: &'static str = "First";
}

impl Event for Second {
    // The name of the type above: the two share texts and nothing else.
    const NAME: &'static str = "First";
}

/// Everything that can be subscribed to.
fn keys() -> [EventKey; 9] {
    [
        EventKey::text("First").unwrap(),
        EventKey::text("other").unwrap(),
        EventKey::event::<First>(),
        EventKey::event::<Second>(),
        EventKey::error::<io::Error>(),
        EventKey::error::<std::fmt::Error>(),
        EventKey::ANY,
        EventKey::ANY_EVENT,
        EventKey::ANY_ERROR,
    ]
}

type Emit = fn(&EventEmitter);

/// Everything that can be emitted, and which of the keys it matches.
const EMITTED: [(Emit, &[usize]); 7] = [
    (|emitter| drop(emitter.emit("First")), &[0, 2, 3, 6, 7]),
    (|emitter| drop(emitter.emit("other")), &[1, 6, 7]),
    (|emitter| drop(emitter.emit("unknown")), &[6, 7]),
    (|emitter| drop(emitter.emit(First)), &[0, 2, 6, 7]),
    (|emitter| drop(emitter.emit(Second)), &[0, 3, 6, 7]),
    (|emitter| drop(emitter.emit_error(io::Error::other("e"))), &[4, 6, 8]),
    (|emitter| drop(emitter.emit_error(std::fmt::Error)), &[5, 6, 8]),
];

#[derive(Clone, Debug)]
enum Step {
    Subscribe { keys: Vec<usize>, once: bool },
    Unlink { handler: usize, keys: Vec<usize> },
    Remove { handler: usize },
    RemoveEvents { keys: Vec<usize> },
    Clear,
    Emit { event: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let keys = || vec(0..keys().len(), 1..4);
    prop_oneof![
        6 => (keys(), any::<bool>()).prop_map(|(keys, once)| Step::Subscribe { keys, once }),
        2 => (any::<usize>(), keys()).prop_map(|(handler, keys)| Step::Unlink { handler, keys }),
        2 => any::<usize>().prop_map(|handler| Step::Remove { handler }),
        1 => keys().prop_map(|keys| Step::RemoveEvents { keys }),
        1 => proptest::prelude::Just(Step::Clear),
        6 => (0..EMITTED.len()).prop_map(|event| Step::Emit { event }),
    ]
}

/// A handler as the model knows it.
struct Modelled {
    number: usize,
    keys: Vec<usize>,
    once: bool,
    subscription: Subscription,
}

/// The model: handlers in the order of subscription, nothing else.
struct Model {
    limit: usize,
    linked: Vec<Modelled>,
    /// Every handler there ever was, for removals of handlers that are gone.
    known: Vec<Subscription>,
    /// The keys in the order they were first linked.
    events: Vec<usize>,
}

impl Model {
    fn is_full(&self, key: usize) -> bool {
        self.linked.iter().filter(|handler| handler.keys.contains(&key)).count() >= self.limit
    }

    fn prune(&mut self) {
        self.linked.retain(|handler| !handler.keys.is_empty());
        let linked = &self.linked;
        self.events.retain(|key| linked.iter().any(|handler| handler.keys.contains(key)));
    }
}

fn picked(indices: &[usize]) -> Vec<EventKey> {
    indices.iter().map(|index| keys()[*index].clone()).collect()
}

fn check(steps: Vec<Step>, limit: usize) {
    let linker = EventLinker::namespace("modelled").max_handlers(limit);
    let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
    let ran: Arc<Mutex<Vec<usize>>> = Arc::default();
    let mut model = Model { limit, linked: Vec::new(), known: Vec::new(), events: Vec::new() };

    for step in steps {
        match step {
            Step::Subscribe { keys, once } => {
                let (number, ran) = (model.known.len(), Arc::clone(&ran));
                let subscribe = linker.subscribe(picked(&keys));
                let subscribe = if once { subscribe.once() } else { subscribe };
                let result = subscribe.handler(move || ran.lock().unwrap().push(number));
                let expected = !keys.iter().any(|key| model.is_full(*key));
                assert_eq!(result.is_ok(), expected, "{result:?}");
                if let Ok(subscription) = result {
                    let mut distinct = Vec::new();
                    for key in keys {
                        if !distinct.contains(&key) {
                            distinct.push(key);
                        }
                    }
                    for key in &distinct {
                        if !model.events.contains(key) {
                            model.events.push(*key);
                        }
                    }
                    model.known.push(subscription.clone());
                    model.linked.push(Modelled { number, keys: distinct, once, subscription });
                }
            }
            Step::Unlink { handler, keys } if !model.known.is_empty() => {
                let subscription = &model.known[handler % model.known.len()];
                let unlinked = linker.unlink(picked(&keys), subscription).unwrap();
                let found = model.linked.iter_mut().find(|handler| handler.subscription == *subscription);
                let expected = found.map_or(0, |handler| {
                    let before = handler.keys.len();
                    handler.keys.retain(|key| !keys.contains(key));
                    before - handler.keys.len()
                });
                assert_eq!(unlinked, expected);
            }
            Step::Remove { handler } if !model.known.is_empty() => {
                let subscription = &model.known[handler % model.known.len()];
                let before = model.linked.len();
                model.linked.retain(|handler| handler.subscription != *subscription);
                assert_eq!(linker.remove_handler(subscription), before > model.linked.len());
            }
            Step::Unlink { .. } | Step::Remove { .. } => {}
            Step::RemoveEvents { mut keys } => {
                let removed = linker.remove_event(picked(&keys)).unwrap();
                keys.sort_unstable();
                keys.dedup();
                assert_eq!(removed, keys.iter().filter(|key| model.events.contains(key)).count());
                model.linked.iter_mut().for_each(|handler| handler.keys.retain(|key| !keys.contains(key)));
            }
            Step::Clear => {
                assert_eq!(linker.clear(), !model.linked.is_empty());
                model.linked.clear();
            }
            Step::Emit { event } => {
                let (emit, matching) = EMITTED[event];
                emit(&emitter);
                let matches = |handler: &Modelled| handler.keys.iter().any(|key| matching.contains(key));
                let expected: Vec<_> = model
                    .linked
                    .iter()
                    .filter(|handler| matches(handler))
                    .map(|handler| handler.number)
                    .collect();
                assert_eq!(std::mem::take(&mut *ran.lock().unwrap()), expected);
                model.linked.retain(|handler| !(handler.once && matches(handler)));
            }
        }
        model.prune();
        compare(&linker, &model);
    }
}

/// Every query tells what the model tells.
fn compare(linker: &EventLinker, model: &Model) {
    let handlers: Vec<_> = model.linked.iter().map(|handler| handler.subscription.clone()).collect();
    assert_eq!(linker.handlers(), handlers);
    assert_eq!(linker.events(), picked(&model.events));
    assert_eq!((linker.handler_count(), linker.event_count()), (handlers.len(), model.events.len()));
    assert_eq!(linker.is_empty(), handlers.is_empty());
    for (index, key) in keys().iter().enumerate() {
        let of: Vec<_> = model
            .linked
            .iter()
            .filter(|handler| handler.keys.contains(&index))
            .map(|handler| handler.subscription.clone())
            .collect();
        assert_eq!(linker.handlers_of(key).unwrap(), of);
        assert_eq!(linker.contains_event(key).unwrap(), !of.is_empty());
    }
    for subscription in &model.known {
        let known = model.linked.iter().find(|handler| handler.subscription == *subscription);
        assert_eq!(subscription.is_subscribed(), known.is_some());
        assert_eq!(linker.event_count_of(subscription), known.map_or(0, |handler| handler.keys.len()));
    }
}

// L8 to L41, M3 to M7, M14
#[test]
fn the_linker_does_what_a_naive_model_does() {
    let mut runner =
        TestRunner::new(Config { cases: 10_000, failure_persistence: None, ..Config::default() });
    let sequences = (vec(step(), 1..25), 1..4_usize);
    runner
        .run(&sequences, |(steps, limit)| {
            check(steps, limit);
            Ok(())
        })
        .unwrap();
}
