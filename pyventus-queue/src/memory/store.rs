//! Everything that a broker in memory holds, and what is done with it under its lock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;

use crate::backlog::{Backlog, QueueInfo};
use crate::counts::Counts;
use crate::delivery::{Delivery, Next, Receipt, Settled, Settlement, Subscription};
use crate::letter::{DeadLetter, Letter, LetterId, Page};
use crate::message::Message;
use crate::name::{GroupName, QueueName};

use super::after::After;
use super::group::{EventNumber, Group, ItemNumber, Now, Removed};

#[derive(Default)]
pub(super) struct Store {
    queues: HashMap<QueueName, Queue>,
    /// Where each dead letter is.
    letters: HashMap<LetterId, (QueueName, GroupName)>,
}

/// The events of a queue, and the groups that read them.
#[derive(Default)]
struct Queue {
    events: BTreeMap<EventNumber, Event>,
    last_event: EventNumber,
    groups: HashMap<GroupName, Group>,
    /// The last item of all groups that were removed: no lease of theirs is one of a later group.
    last_item: ItemNumber,
    /// Wakes those who wait for space.
    space: Arc<Notify>,
}

struct Event {
    message: Message,
    /// How many groups are not through with it.
    groups: usize,
}

/// There is nothing to take.
pub(super) struct Nothing {
    /// After which time there may be something.
    pub(super) due: Option<Duration>,
    /// What wakes the consumers of the group.
    pub(super) wake: Arc<Notify>,
}

impl Store {
    /// Stores messages if there is space for all of them; otherwise gives them back.
    pub(super) fn publish(
        &mut self,
        queue: &QueueName,
        messages: Vec<Message>,
        capacity: usize,
        now: Now,
        after: &mut After,
    ) -> Result<(), Vec<Message>> {
        let queue = self.queue(queue);
        if messages.len() > capacity.saturating_sub(queue.events.len()) {
            return Err(messages);
        }
        for message in messages {
            queue.last_event += 1;
            for group in queue.groups.values_mut() {
                group.add(queue.last_event, message.held_until(), now);
            }
            queue.events.insert(queue.last_event, Event { message, groups: queue.groups.len() });
        }
        queue.groups.values().for_each(|group| after.wake_one(&group.wake()));
        Ok(())
    }

    /// What tells those who wait for space that there is some.
    pub(super) fn space(&mut self, queue: &QueueName) -> Arc<Notify> {
        Arc::clone(&self.queue(queue).space)
    }

    /// Leases what there is.
    pub(super) fn take(
        &mut self,
        subscription: &Subscription,
        max: usize,
        lease: Duration,
        now: Now,
    ) -> Result<Vec<Delivery>, Nothing> {
        let (name, group_name) = (subscription.queue(), subscription.group());
        let queue = self.queue(name);
        queue.join(group_name, now);
        let group = queue.groups.get_mut(group_name).expect("it has joined");
        let taken = group.take(max, lease, now);
        if taken.is_empty() {
            return Err(Nothing { due: group.next_due(now), wake: group.wake() });
        }
        let deliveries = taken.into_iter().map(|leased| {
            let message = queue.events[&leased.event].message.clone();
            let item = leased.item.to_string();
            let receipt = Receipt::new(name.clone(), group_name.clone(), item, leased.lease);
            Delivery::new(receipt, message, leased.progress, leased.deaths)
        });
        Ok(deliveries.collect())
    }

    /// Makes a group that is not there yet, and returns what wakes its consumers.
    pub(super) fn join(&mut self, queue: &QueueName, group: &GroupName, now: Now) -> Arc<Notify> {
        let queue = self.queue(queue);
        queue.join(group, now);
        queue.groups[group].wake()
    }

    /// Settles one delivery, if it is held.
    pub(super) fn settle(&mut self, settlement: Settlement, now: Now, after: &mut After) -> Settled {
        let Settlement { receipt, letters, next } = settlement;
        let Some((queue, item)) = self.held(&receipt) else {
            after.discard(letters.into_iter().filter_map(|letter| letter.resume));
            if let Next::Again { progress, .. } = next {
                after.discard(progress);
            }
            return Settled::NotHeld;
        };
        let letters = queue.bury(&receipt, item, letters, now.time);
        let ids: Vec<_> = letters.iter().map(|letter| letter.id).collect();
        let through = queue.group(receipt.group()).settle(item, letters, next, now, after);
        queue.forget(through, after);
        let place = || (receipt.queue().clone(), receipt.group().clone());
        self.letters.extend(ids.into_iter().map(|id| (id, place())));
        Settled::Applied
    }

    /// Extends a lease, if it is held.
    pub(super) fn extend(&mut self, receipt: &Receipt, lease: Duration, now: Now) -> bool {
        let held = self.held(receipt);
        held.map(|(queue, item)| queue.group(receipt.group()).extend(item, lease, now)).is_some()
    }

    /// Releases a delivery, if it is held.
    pub(super) fn release(&mut self, receipt: &Receipt, after: &mut After) -> bool {
        let held = self.held(receipt);
        held.map(|(queue, item)| queue.group(receipt.group()).release(item, after)).is_some()
    }

    pub(super) fn counts(&self, queue: &QueueName, group: &GroupName) -> Counts {
        let Some(queue) = self.queues.get(queue) else { return Counts::default() };
        if let Some(group) = queue.groups.get(group) {
            return group.counts();
        }
        let retained = queue.retained().count() as u64;
        Counts { accepted: retained, pending: retained, ..Counts::default() }
    }

    pub(super) fn letters(&self, queue: &QueueName, group: &GroupName, page: Page) -> Vec<DeadLetter> {
        let Some(group) = self.queues.get(queue).and_then(|queue| queue.groups.get(group)) else {
            return Vec::new();
        };
        let behind = group.letters().range((
            page.after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded),
            std::ops::Bound::Unbounded,
        ));
        behind.take(page.limit).map(|(_, (_, letter))| letter.clone()).collect()
    }

    pub(super) fn letter(&self, id: LetterId) -> Option<DeadLetter> {
        let (queue, group) = self.letters.get(&id)?;
        Some(self.queues[queue].groups[group].letters()[&id].1.clone())
    }

    /// Replays a letter, and returns whether it was there.
    pub(super) fn replay(&mut self, id: LetterId, after: &mut After) -> bool {
        let Some((queue, group)) = self.letters.remove(&id) else { return false };
        self.queue(&queue).group(&group).replay(id, after);
        true
    }

    /// Drops a letter, and returns whether it was there.
    pub(super) fn drop_letter(&mut self, id: LetterId, after: &mut After) -> bool {
        let Some((queue, group)) = self.letters.remove(&id) else { return false };
        let queue = self.queue(&queue);
        let through = queue.group(&group).drop_letter(id, after);
        queue.forget(through, after);
        true
    }

    pub(super) fn queues(&self) -> Vec<QueueInfo> {
        let info = |(name, queue): (&QueueName, &Queue)| {
            let groups = queue.groups.keys().cloned().collect();
            QueueInfo::new(name.clone(), groups, queue.retained().count() as u64)
        };
        let mut queues: Vec<_> = self.queues.iter().map(info).filter(QueueInfo::is_used).collect();
        queues.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        queues
    }

    pub(super) fn backlog(&self, queue: &QueueName, group: &GroupName, now: Now) -> Backlog {
        let group = self.queues.get(queue).and_then(|queue| queue.groups.get(group));
        group.map(|group| group.backlog(now)).unwrap_or_default()
    }

    /// Removes a group with everything that it has left, and returns what became of its events.
    pub(super) fn remove_group(
        &mut self,
        queue: &QueueName,
        group: &GroupName,
        after: &mut After,
    ) -> Option<Counts> {
        let queue = self.queues.get_mut(queue)?;
        let Removed { counts, last_item, events, letters } = queue.groups.remove(group)?.end(after);
        queue.last_item = queue.last_item.max(last_item);
        for event in events {
            queue.forget(Some(event), after);
        }
        for letter in letters {
            self.letters.remove(&letter);
        }
        Some(counts)
    }

    /// The queue and the item of a lease that is held.
    fn held(&mut self, receipt: &Receipt) -> Option<(&mut Queue, ItemNumber)> {
        let item = receipt.item().parse().ok()?;
        let queue = self.queues.get_mut(receipt.queue())?;
        let held = queue.groups.get(receipt.group())?.holds(item, receipt.lease());
        held.then_some((queue, item))
    }

    fn queue(&mut self, name: &QueueName) -> &mut Queue {
        if !self.queues.contains_key(name) {
            self.queues.insert(name.clone(), Queue::default());
        }
        self.queues.get_mut(name).expect("it was just made")
    }
}

impl Queue {
    /// Makes a group that is not there yet, with everything that is retained.
    fn join(&mut self, name: &GroupName, now: Now) {
        if self.groups.contains_key(name) {
            return;
        }
        let mut group = Group::after(self.last_item);
        let retained: Vec<_> = self.retained().collect();
        for number in retained {
            let event = self.events.get_mut(&number).expect("it is retained");
            event.groups += 1;
            group.add(number, event.message.held_until(), now);
        }
        self.groups.insert(name.clone(), group);
    }

    /// The events that some group has to handle, or all of them while there are no groups.
    fn retained(&self) -> impl Iterator<Item = EventNumber> {
        let retained = |number: &EventNumber| {
            self.groups.is_empty() || self.groups.values().any(|group| group.is_pending(*number))
        };
        self.events.keys().copied().filter(retained)
    }

    fn group(&mut self, name: &GroupName) -> &mut Group {
        self.groups.get_mut(name).expect("a lease and a letter are of a group")
    }

    /// The letters of a settlement as they are stored.
    fn bury(
        &self,
        receipt: &Receipt,
        item: ItemNumber,
        letters: Vec<Letter>,
        at: SystemTime,
    ) -> Vec<DeadLetter> {
        let event = self.groups[receipt.group()].event_of(item).expect("it is held");
        let message = &self.events[&event].message;
        let (queue, group) = (receipt.queue(), receipt.group());
        letters
            .into_iter()
            .map(|letter| {
                DeadLetter::new(LetterId::new(), queue.clone(), group.clone(), message.clone(), at, letter)
            })
            .collect()
    }

    /// Forgets an event that a group is through with, once the last group is.
    fn forget(&mut self, event: Option<EventNumber>, after: &mut After) {
        let Some(number) = event else { return };
        let event = self.events.get_mut(&number).expect("a group has held it");
        event.groups -= 1;
        if event.groups == 0 {
            after.discard(self.events.remove(&number).map(|event| event.message.into_body()));
            after.wake_all(&self.space);
        }
    }
}
