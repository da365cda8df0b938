//! In which order handlers start.

use std::any::TypeId;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;
use std::sync::Arc;

use crate::origin::Origin;
use crate::subscriber::Subscriber;

/// Handlers that are each to start before the next, and the last before the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cycle(pub(crate) Vec<Origin>);

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for handler in &self.0 {
            write!(f, "{handler} -> ")?;
        }
        match self.0.first() {
            Some(first) => write!(f, "{first}"),
            None => Ok(()),
        }
    }
}

/// Sorts subscribers: `before` and `after` are kept, and among those that wait for no other one
/// the priority decides, then the place in source. Those subscribed at run time follow in the
/// order of subscription.
///
/// Handlers whose wishes form a cycle keep the order they would have without them; the cycle is
/// returned beside.
pub(crate) fn sort(subscribers: &mut Vec<Arc<Subscriber>>) -> Option<Cycle> {
    sort_by_place(subscribers);
    let edges = edges(subscribers);
    if edges.iter().all(Vec::is_empty) {
        return None;
    }

    let mut waits_for = vec![0_usize; subscribers.len()];
    for &later in edges.iter().flatten() {
        waits_for[later] += 1;
    }
    let mut free: BinaryHeap<_> =
        (0..subscribers.len()).filter(|&index| waits_for[index] == 0).map(Reverse).collect();
    let mut sorted = Vec::with_capacity(subscribers.len());
    while let Some(Reverse(index)) = free.pop() {
        sorted.push(index);
        for &later in &edges[index] {
            waits_for[later] -= 1;
            if waits_for[later] == 0 {
                free.push(Reverse(later));
            }
        }
    }

    let cycle = (sorted.len() < subscribers.len()).then(|| find_cycle(subscribers, &edges, &waits_for));
    if cycle.is_some() {
        // The rest would wait for each other for ever: they go by rank alone.
        sorted.extend((0..subscribers.len()).filter(|&index| waits_for[index] > 0));
        sorted.sort_unstable();
    }
    *subscribers = sorted.into_iter().map(|index| Arc::clone(&subscribers[index])).collect();
    cycle
}

/// Sorts subscribers that do not wish to start before or after one another, and are in the order
/// they were linked.
pub(crate) fn sort_by_place(subscribers: &mut [Arc<Subscriber>]) {
    let is_declared = |subscriber: &Arc<Subscriber>| subscriber.place.declaration().is_some();
    if subscribers.iter().any(is_declared) {
        subscribers.sort_by_cached_key(|subscriber| rank(subscriber));
    }
}

fn rank(subscriber: &Subscriber) -> impl Ord + use<> {
    match subscriber.place.declaration() {
        Some(declared) => (false, Reverse(declared.priority), Some(declared.origin.place()), subscriber.id()),
        None => (true, Reverse(0), None, subscriber.id()),
    }
}

/// For each subscriber, those that have to start after it.
fn edges(subscribers: &[Arc<Subscriber>]) -> Vec<Vec<usize>> {
    let mut places: HashMap<TypeId, usize, foldhash::fast::RandomState> = HashMap::default();
    for (index, subscriber) in subscribers.iter().enumerate() {
        if let Some(declared) = subscriber.place.declaration() {
            places.insert(declared.handler, index);
        }
    }
    let mut edges = vec![Vec::new(); subscribers.len()];
    for (index, subscriber) in subscribers.iter().enumerate() {
        if let Some(declared) = subscriber.place.declaration() {
            edges[index].extend(declared.before.iter().filter_map(|later| places.get(later)).copied());
            for earlier in declared.after.iter().filter_map(|earlier| places.get(earlier)) {
                edges[*earlier].push(index);
            }
        }
    }
    edges
}

/// Follows handlers that wait until one comes again: what lies between is a cycle.
fn find_cycle(subscribers: &[Arc<Subscriber>], edges: &[Vec<usize>], waits_for: &[usize]) -> Cycle {
    let waiting_predecessor = |index: usize| {
        (0..edges.len()).find(|&earlier| waits_for[earlier] > 0 && edges[earlier].contains(&index))
    };
    let mut path: Vec<usize> = Vec::new();
    let mut next = (0..edges.len()).find(|&index| waits_for[index] > 0);
    while let Some(index) = next {
        if let Some(start) = path.iter().position(|&known| known == index) {
            path.drain(..start);
            break;
        }
        path.push(index);
        next = waiting_predecessor(index);
    }
    Cycle(path.iter().rev().map(|&index| subscribers[index].origin()).collect())
}
