//! Handing out.

use std::time::Duration;

use pyventus_queue::{Bytes, Delivery, Message, Receipt, Subscription};
use rusqlite::params;

use crate::time::Moment;

use super::items::{self, ItemId, NewItem};
use super::{EventNumber, GroupId, Work};

/// How many bytes of events are handed out together, unless it is one event.
const MOST_BYTES: usize = 64 << 20;

/// How many events are looked at before others get their turn: all of them may be held back.
const MOST_EVENTS: usize = 10_000;

/// What was handed out.
pub(crate) enum Taken {
    /// At least one event.
    Some(Vec<Delivery>),
    /// There is none; nothing is due before that moment, unless something happens.
    Nothing(Option<Moment>),
}

/// What is being handed out to one consumer.
struct Hand<'a> {
    subscription: &'a Subscription,
    group: GroupId,
    max: usize,
    until: Moment,
    deliveries: Vec<Delivery>,
    bytes: usize,
}

impl Hand<'_> {
    fn space(&self) -> usize {
        self.max - self.deliveries.len()
    }

    /// Whether an event of that size can be handed out with the others.
    fn has_space_for(&self, size: usize) -> bool {
        self.deliveries.is_empty() || self.space() > 0 && self.bytes + size <= MOST_BYTES
    }

    fn add(&mut self, handle: Handle, lease: u64, message: Message, progress: Option<Bytes>, deaths: u32) {
        self.bytes += message.body().len();
        let (queue, group) = (self.subscription.queue().clone(), self.subscription.group().clone());
        let receipt = Receipt::new(queue, group, handle.to_string(), lease);
        self.deliveries.push(Delivery::new(receipt, message, progress, deaths));
    }
}

/// What a delivery is known by: the event, when it was handed out for the first time, or its item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handle {
    Event(EventNumber),
    Item(ItemId),
}

impl Handle {
    pub(super) fn of(receipt: &Receipt) -> Option<Self> {
        let (kind, number) = receipt.item().split_at_checked(1)?;
        let number = number.parse().ok()?;
        match kind {
            // The first lease of an event is the only one that it is known by its number for.
            "e" if receipt.lease() == 1 => Some(Self::Event(number)),
            "i" => Some(Self::Item(number)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event(number) => write!(f, "e{number}"),
            Self::Item(number) => write!(f, "i{number}"),
        }
    }
}

impl Work<'_> {
    /// Leases up to `max` events: first those whose lease has ended, then those that are due again, then new ones.
    pub(crate) fn take(
        &mut self,
        subscription: &Subscription,
        max: usize,
        lease: Duration,
    ) -> rusqlite::Result<Taken> {
        let (queue, group) = (subscription.queue(), subscription.group());
        self.join(queue, group)?;
        let known = self.queues.group(queue, group)?.expect("it has joined");
        let (id, is_quiet) = (known.id, known.is_quiet);
        let until = self.now.after(lease);
        let mut hand =
            Hand { subscription, group: id, max: max.max(1), until, deliveries: Vec::new(), bytes: 0 };
        if !is_quiet {
            let is_quiet = self.take_over(&mut hand)? && self.take_again(&mut hand)?;
            self.queues.group(queue, group)?.expect("it has joined").is_quiet = is_quiet;
        }
        let has_more = self.take_new(&mut hand)?;
        if !hand.deliveries.is_empty() {
            return Ok(Taken::Some(hand.deliveries));
        }
        if has_more {
            return Ok(Taken::Nothing(Some(self.now)));
        }
        let (due, end) = (items::next_due(self.sql, id)?, self.ranges.next_end(id)?);
        Ok(Taken::Nothing(due.into_iter().chain(end).min()))
    }

    /// Takes over events whose first lease has ended, and returns whether those are all of them.
    fn take_over(&mut self, hand: &mut Hand<'_>) -> rusqlite::Result<bool> {
        for event in self.ranges.ended(hand.group, self.now, hand.space())? {
            let mut query =
                self.sql.prepare_cached("SELECT id, not_before, body FROM events WHERE number = ?1")?;
            let message = query.query_row([event], items::message)?;
            if !hand.has_space_for(message.body().len()) {
                return Ok(false);
            }
            self.ranges.let_go(hand.group, event)?;
            let item = items::take_over(self.sql, hand.group, event, hand.until)?;
            hand.add(Handle::Item(item), 1, message, None, 1);
        }
        Ok(hand.space() > 0)
    }

    /// Takes items that are due, and returns whether those are all of them.
    fn take_again(&mut self, hand: &mut Hand<'_>) -> rusqlite::Result<bool> {
        let mut due = Vec::new();
        let (mut bytes, mut is_all) = (hand.bytes, true);
        items::due(self.sql, hand.group, self.now, hand.space(), |item| {
            bytes += item.message.body().len();
            let has_space = bytes <= MOST_BYTES || hand.deliveries.is_empty() && due.is_empty();
            if has_space {
                due.push(item);
            }
            is_all = has_space;
            has_space
        })?;
        for item in due {
            items::lease(self.sql, &item, hand.until)?;
            let (lease, progress) = (u64::try_from(item.lease).unwrap_or(0), item.progress.map(Bytes::from));
            hand.add(Handle::Item(item.id), lease, item.message, progress, item.deaths);
        }
        Ok(is_all && hand.space() > 0)
    }

    /// Takes events that were never handed out to the group, and returns whether there may be more.
    fn take_new(&mut self, hand: &mut Hand<'_>) -> rusqlite::Result<bool> {
        let known = self.queues.find_or_make(hand.subscription.queue())?;
        let last = known.last;
        let group = known.group(hand.subscription.group()).expect("it has joined");
        let mut cursor = group.cursor;
        if cursor == last || hand.space() == 0 {
            return Ok(false);
        }
        let mut query = self.sql.prepare_cached(
            "SELECT id, not_before, body, number FROM events WHERE number > ?1 AND number <= ?2 ORDER BY number",
        )?;
        let mut rows = query.query(params![cursor, last])?;
        let (mut leased, mut looked_at) = (Vec::new(), 0);
        let mut has_more = false;
        while let Some(row) = rows.next()? {
            let (event, not_before): (_, Option<Moment>) = (row.get(3)?, row.get(1)?);
            looked_at += 1;
            if let Some(due) = not_before.filter(|due| *due > self.now) {
                NewItem { group: group.id, event, due, is_recorded: false, progress: None }.put(self.sql)?;
            } else if hand.has_space_for(row.get_ref(2)?.as_blob()?.len()) {
                hand.add(Handle::Event(event), 1, items::message(row)?, None, 0);
                leased.push(event);
            } else {
                has_more = true;
                break;
            }
            cursor = event;
            if hand.space() == 0 || looked_at == MOST_EVENTS {
                has_more = true;
                break;
            }
        }
        group.come_to(cursor);
        self.ranges.lease(group.id, &leased, hand.until);
        Ok(has_more)
    }
}
