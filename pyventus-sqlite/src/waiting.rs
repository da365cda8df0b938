//! Who waits for events, group by group, in the order of their coming.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use pyventus_queue::{Delivery, GroupName, QueueName, Receipt, Subscription};
use tokio::sync::oneshot;

use crate::error::FileError;
use crate::store::{Stirred, Taken, Work};
use crate::time::Moment;

/// Somebody who waits for events.
pub(crate) struct Receive {
    pub(crate) subscription: Subscription,
    pub(crate) max: usize,
    pub(crate) lease: Duration,
    /// Until when it is waited; for ever, where no clock shows that time.
    pub(crate) end: Option<Instant>,
    pub(crate) answer: oneshot::Sender<Result<Vec<Delivery>, FileError>>,
}

/// The queue and the group that a line waits at.
pub(crate) type Place = (QueueName, GroupName);

#[derive(Default)]
pub(crate) struct Waiting {
    lines: HashMap<Place, Line>,
}

#[derive(Default)]
struct Line {
    receives: VecDeque<Receive>,
    /// What those in front were given in the transaction that is not committed yet.
    given: Vec<Vec<Delivery>>,
    /// When there may be something.
    due: Option<Moment>,
    /// Whether there may be something now.
    is_stirred: bool,
}

impl Waiting {
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Somebody stands in line.
    pub(crate) fn add(&mut self, receive: Receive) {
        let (queue, group) = (receive.subscription.queue(), receive.subscription.group());
        let line = self.lines.entry((queue.clone(), group.clone())).or_default();
        line.receives.push_back(receive);
        line.is_stirred = true;
    }

    /// There may be something everywhere.
    pub(crate) fn stir_all(&mut self) {
        self.lines.values_mut().for_each(|line| line.is_stirred = true);
    }

    /// There may be something in these places.
    pub(crate) fn stir(&mut self, stirred: Vec<Stirred>) {
        for (queue, group) in stirred {
            if let Some(group) = group {
                if let Some(line) = self.lines.get_mut(&(queue, group)) {
                    line.is_stirred = true;
                }
            } else {
                let lines = self.lines.iter_mut().filter(|((of, _), _)| *of == queue);
                lines.for_each(|(_, line)| line.is_stirred = true);
            }
        }
    }

    /// Returns the places where there may be something by now.
    pub(crate) fn stirred(&mut self) -> Vec<Place> {
        let now = Moment::now();
        for line in self.lines.values_mut() {
            line.is_stirred |= line.due.is_some_and(|due| due <= now);
        }
        let stirred = self.lines.iter().filter(|(_, line)| line.is_stirred);
        stirred.map(|(place, _)| place.clone()).collect()
    }

    /// Gives those who wait in a place what there is. They get it with [`hand_over`](Self::hand_over).
    pub(crate) fn serve(&mut self, place: &Place, work: &mut Work<'_>) -> rusqlite::Result<()> {
        let Some(line) = self.lines.get_mut(place) else { return Ok(()) };
        line.receives.retain(|receive| !receive.answer.is_closed());
        line.due = None;
        for receive in &line.receives {
            match work.take(&receive.subscription, receive.max, receive.lease)? {
                Taken::Some(deliveries) => line.given.push(deliveries),
                Taken::Nothing(due) => {
                    line.due = due;
                    break;
                }
            }
        }
        line.is_stirred = false;
        Ok(())
    }

    /// Takes back what was given in a transaction that was not committed.
    pub(crate) fn take_back(&mut self, places: &[Place]) {
        for place in places {
            if let Some(line) = self.lines.get_mut(place) {
                line.is_stirred = true;
                line.given.clear();
            }
        }
    }

    /// Hands over what was given in a place, and returns what nobody wants any more.
    pub(crate) fn hand_over(&mut self, places: &[Place]) -> Vec<Receipt> {
        let mut unwanted = Vec::new();
        for place in places {
            let Some(line) = self.lines.get_mut(place) else { continue };
            let served = line.receives.drain(..line.given.len());
            for (receive, deliveries) in served.zip(line.given.drain(..)) {
                if let Err(Ok(deliveries)) = receive.answer.send(Ok(deliveries)) {
                    unwanted.extend(deliveries.into_iter().map(|delivery| delivery.receipt));
                }
            }
        }
        unwanted
    }

    /// Tells those who wait in a place that there is a failure.
    pub(crate) fn fail(&mut self, place: &Place, error: &FileError) {
        if let Some(line) = self.lines.remove(place) {
            line.fail(error);
        }
    }

    /// Tells everybody who waits that there is a failure.
    pub(crate) fn fail_all(&mut self, error: &FileError) {
        self.lines.drain().for_each(|(_, line)| line.fail(error));
    }

    /// Sends those away who have waited for long enough, and those who are not there any more.
    pub(crate) fn send_away(&mut self) {
        let now = Instant::now();
        self.lines.retain(|_, line| {
            // Nobody goes without having been served once.
            if !line.is_stirred {
                for receive in std::mem::take(&mut line.receives) {
                    if receive.end.is_some_and(|end| end <= now) {
                        // Who is not there any more does not want to know.
                        drop(receive.answer.send(Ok(Vec::new())));
                    } else if !receive.answer.is_closed() {
                        line.receives.push_back(receive);
                    }
                }
            }
            !line.receives.is_empty()
        });
    }

    /// How long it is until somebody has to be served or sent away; for ever, where nobody waits.
    pub(crate) fn next(&self) -> Option<Duration> {
        let (now, moment) = (Instant::now(), Moment::now());
        let lines = self.lines.values();
        let next = lines.flat_map(|line| {
            let due = if line.is_stirred { Some(moment) } else { line.due };
            let ends = line.receives.iter().filter_map(|receive| receive.end);
            let ends = ends.map(|end| end.saturating_duration_since(now));
            due.map(|due| moment.until(due)).into_iter().chain(ends)
        });
        next.min()
    }
}

impl Line {
    fn fail(self, error: &FileError) {
        for receive in self.receives {
            drop(receive.answer.send(Err(error.clone())));
        }
    }
}
