//! Settling, extending and releasing what is held.

use std::collections::HashMap;
use std::time::Duration;

use pyventus_queue::{GroupName, Letter, Next, QueueName, Receipt, Settled, Settlement};

use crate::time::Moment;

use super::items::{self, HeldItem, NewItem};
use super::records::Record;
use super::take::Handle;
use super::{EventNumber, GroupId, Work};

/// A delivery that is held.
struct Held {
    group: GroupId,
    event: EventNumber,
    /// Its item, unless it was handed out for the first time.
    item: Option<HeldItem>,
}

impl Work<'_> {
    /// Settles deliveries, each by itself.
    pub(crate) fn settle(&mut self, settlements: &[Settlement]) -> rusqlite::Result<Vec<Settled>> {
        settlements
            .iter()
            .map(|Settlement { receipt, letters, next, .. }| match self.held(receipt)? {
                Some(held) => {
                    self.settle_one(receipt.queue(), receipt.group(), held, letters, next)?;
                    Ok(Settled::Applied)
                }
                None => Ok(Settled::NotHeld),
            })
            .collect()
    }

    fn settle_one(
        &mut self,
        queue: &QueueName,
        group: &GroupName,
        held: Held,
        letters: &[Letter],
        next: &Next,
    ) -> rusqlite::Result<()> {
        let Held { group: id, event, item } = held;
        if item.is_none() {
            self.ranges.let_go(id, event)?;
        }
        let was_recorded = item.as_ref().is_some_and(|item| item.is_recorded);
        let is_recorded = was_recorded || !letters.is_empty();
        match (next, &item) {
            (Next::Done, Some(item)) => item.delete(self.sql)?,
            (Next::Done, None) => {}
            (Next::Again { at, progress }, item) => {
                let (due, progress) = (Moment::from(*at), progress.as_deref());
                match item {
                    Some(item) => item.put_back(self.sql, due, is_recorded, progress)?,
                    None => NewItem { group: id, event, due, is_recorded, progress }.put(self.sql)?,
                }
                self.is_due(queue, group)?;
            }
        }
        if !is_recorded {
            if *next == Next::Done {
                self.queues.group(queue, group)?.expect("something of it is held").succeed();
                self.through.push(event);
            }
            return Ok(());
        }
        for letter in letters {
            self.bury(id, event, letter)?;
        }
        self.change(queue, group, event, |record| {
            record.letters += u32::try_from(letters.len()).unwrap_or(u32::MAX);
            record.items -= u32::from(*next == Next::Done);
        })
    }

    /// Changes what an event has left, and counts it where it belongs then.
    pub(super) fn change(
        &mut self,
        queue: &QueueName,
        group: &GroupName,
        event: EventNumber,
        change: impl FnOnce(&mut Record),
    ) -> rusqlite::Result<()> {
        let group = self.queues.group(queue, group)?.expect("something of it was found");
        let before = Record::read(self.sql, group.id, event)?;
        let mut now = before;
        change(&mut now);
        now.write(self.sql, group.id, event)?;
        group.recount(before, now);
        if now.is_through() {
            self.through.push(event);
        }
        Ok(())
    }

    /// Something of a group may be due now.
    pub(super) fn is_due(&mut self, queue: &QueueName, group: &GroupName) -> rusqlite::Result<()> {
        self.stir(queue, Some(group));
        if let Some(group) = self.queues.group(queue, group)? {
            group.is_quiet = false;
        }
        Ok(())
    }

    /// Lets leases end after that time, and returns which of them are held.
    pub(crate) fn extend(&mut self, receipts: &[Receipt], lease: Duration) -> rusqlite::Result<Vec<bool>> {
        let until = self.now.after(lease);
        // What was handed out together is mostly extended together, and stays together then.
        let mut events: HashMap<GroupId, Vec<EventNumber>> = HashMap::new();
        let mut held = Vec::with_capacity(receipts.len());
        for receipt in receipts {
            let (queue, group) = (receipt.queue(), receipt.group());
            let known = self.queues.group(queue, group)?.map(|group| group.id);
            held.push(match (known, Handle::of(receipt)) {
                (Some(id), Some(Handle::Event(event))) => {
                    let is_held = self.ranges.holds(id, event)?;
                    if is_held {
                        events.entry(id).or_default().push(event);
                    }
                    is_held
                }
                (Some(id), Some(Handle::Item(item))) => {
                    items::extend(self.sql, id, item, receipt.lease(), until)?
                }
                _ => false,
            });
            self.is_due(queue, group)?;
        }
        for (group, mut events) in events {
            events.sort_unstable();
            events.dedup();
            self.ranges.extend(group, &events, until)?;
        }
        Ok(held)
    }

    /// Hands deliveries back, and returns which of them were held.
    pub(crate) fn release(&mut self, receipts: &[Receipt]) -> rusqlite::Result<Vec<bool>> {
        let mut held = Vec::with_capacity(receipts.len());
        for receipt in receipts {
            let (queue, group) = (receipt.queue(), receipt.group());
            let known = self.queues.group(queue, group)?.map(|group| group.id);
            held.push(match (known, Handle::of(receipt)) {
                (Some(id), Some(Handle::Event(event))) => {
                    let was_held = self.ranges.let_go(id, event)?;
                    if was_held {
                        let due = Moment::FIRST;
                        NewItem { group: id, event, due, is_recorded: false, progress: None }
                            .put(self.sql)?;
                    }
                    was_held
                }
                (Some(id), Some(Handle::Item(item))) => items::release(self.sql, id, item, receipt.lease())?,
                _ => false,
            });
            self.is_due(queue, group)?;
        }
        Ok(held)
    }

    fn held(&mut self, receipt: &Receipt) -> rusqlite::Result<Option<Held>> {
        let Some(group) = self.queues.group(receipt.queue(), receipt.group())? else { return Ok(None) };
        let group = group.id;
        Ok(match Handle::of(receipt) {
            Some(Handle::Event(event)) => {
                self.ranges.holds(group, event)?.then_some(Held { group, event, item: None })
            }
            Some(Handle::Item(id)) => items::held(self.sql, group, id, receipt.lease())?.map(|item| Held {
                group,
                event: item.event,
                item: Some(item),
            }),
            None => None,
        })
    }
}
