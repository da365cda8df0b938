//! A group of a queue, as a broker knows it that uses it.

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyventus_queue::{GroupName, QueueName, Receipt};
use tokio::time::Instant;

use crate::keys::{GroupKeys, Keys};

/// A group of a queue.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) queue: QueueName,
    pub(crate) group: GroupName,
    pub(crate) keys: GroupKeys,
    /// How many items there were to be handed out when somebody last looked.
    pub(crate) ready: AtomicUsize,
    /// Counts who looks.
    pub(crate) turn: AtomicUsize,
    /// Held by who waits at the server, for everybody who waits.
    pub(crate) line: Arc<tokio::sync::Mutex<()>>,
    /// Until when nothing is to be done but what whoever waits at the server is told of.
    quiet: Mutex<Option<Instant>>,
    /// The lengths of leases of which somebody is about to note the end.
    noting: Mutex<Vec<u64>>,
}

impl Place {
    /// Lets one note the end of leases of that length, for all who lease any until then.
    pub(crate) fn begin_to_note(self: &Arc<Self>, lease: u64) -> Option<Noting> {
        let mut noting = lock(&self.noting);
        if noting.contains(&lease) {
            return None;
        }
        noting.push(lease);
        Some(Noting { place: Arc::clone(self), lease })
    }

    /// Somebody looked at that time and has found nothing, and nothing that is due sooner.
    pub(crate) fn is_quiet(&self, since: Instant, time: Duration) {
        *lock(&self.quiet) = Some(since + time);
    }

    /// There may be anything.
    pub(crate) fn stirs(&self) {
        *lock(&self.quiet) = None;
    }

    /// For how long nobody has to look.
    pub(crate) fn quiet_for(&self) -> Option<Duration> {
        let left = (*lock(&self.quiet))?.checked_duration_since(Instant::now());
        left.filter(|left| !left.is_zero())
    }
}

/// Somebody is about to note the end of leases; what is leased after that is to be noted by somebody else.
pub(crate) struct Noting {
    place: Arc<Place>,
    lease: u64,
}

impl Drop for Noting {
    fn drop(&mut self) {
        lock(&self.place.noting).retain(|other| *other != self.lease);
    }
}

/// The groups that were used.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<HashMap<(QueueName, GroupName), Arc<Place>>>);

impl Places {
    pub(crate) fn of(&self, keys: &Keys, queue: &QueueName, group: &GroupName) -> Arc<Place> {
        let mut places = lock(&self.0);
        let place = places.entry((queue.clone(), group.clone())).or_insert_with(|| {
            let (queue, group) = (queue.clone(), group.clone());
            let keys = keys.of_group(&queue, &group);
            Arc::new(Place {
                queue,
                group,
                keys,
                ready: AtomicUsize::new(0),
                turn: AtomicUsize::new(0),
                line: Arc::default(),
                quiet: Mutex::default(),
                noting: Mutex::default(),
            })
        });
        Arc::clone(place)
    }
}

/// Things that were leased from one group, and where they stood among those of all groups.
pub(crate) struct Part<T> {
    pub(crate) place: Arc<Place>,
    pub(crate) things: Vec<T>,
    pub(crate) positions: Vec<usize>,
}

impl<T> Part<T> {
    /// Divides things by the groups that they were leased from; in each part, they stay in their order.
    pub(crate) fn divide(
        things: impl IntoIterator<Item = T>,
        receipt: impl Fn(&T) -> &Receipt,
        place: impl Fn(&QueueName, &GroupName) -> Arc<Place>,
    ) -> Vec<Self> {
        let mut parts: Vec<Self> = Vec::new();
        for (position, thing) in things.into_iter().enumerate() {
            let of = receipt(&thing);
            let is_of = |part: &Self| part.place.group == *of.group() && part.place.queue == *of.queue();
            let part = parts.iter().position(is_of).unwrap_or_else(|| {
                let place = place(of.queue(), of.group());
                parts.push(Self { place, things: Vec::new(), positions: Vec::new() });
                parts.len() - 1
            });
            parts[part].things.push(thing);
            parts[part].positions.push(position);
        }
        parts
    }
}

/// Puts the answers about a part where its things stood.
pub(crate) fn answer<A>(all: &mut [A], positions: Vec<usize>, answers: Vec<A>) {
    for (position, answer) in positions.into_iter().zip(answers) {
        all[position] = answer;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
