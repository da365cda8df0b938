//! What is done with leases.

use std::borrow::Borrow;
use std::time::Duration;

use pyventus_queue::{LetterId, Next, Receipt, Settled, Settlement};
use redis::{Cmd, Value};

use crate::error::StepError;
use crate::keys::letter_of;
use crate::link::Link;
use crate::place::Place;
use crate::script::{SCRIPTS, Script};
use crate::wire;

/// How many leases a script takes at a time: nobody else is served meanwhile.
const MOST: usize = 500;

/// A settlement as a script takes it.
struct Sent {
    lease: Box<str>,
    letters: Vec<(LetterId, Vec<u8>)>,
    next: Next,
}

/// Settles what was leased from one group.
pub(crate) async fn settle(
    link: &Link,
    place: &Place,
    settlements: Vec<Settlement>,
) -> Result<Vec<Settled>, StepError> {
    let mut answers = Vec::with_capacity(settlements.len());
    let mut settlements = settlements.into_iter().peekable();
    while settlements.peek().is_some() {
        let sent: Vec<_> =
            settlements.by_ref().take(MOST).map(|settlement| to_be_sent(place, settlement)).collect();
        let held = ask(link, place, &SCRIPTS.settle, sent.iter().map(Option::is_some), |command| {
            sent.iter().flatten().for_each(|settlement| settlement.add_to(command));
        });
        let settled = |held| if held { Settled::Applied } else { Settled::NotHeld };
        answers.extend(held.await?.into_iter().map(settled));
    }
    Ok(answers)
}

/// Lets leases of one group end later.
pub(crate) async fn extend(
    link: &Link,
    place: &Place,
    receipts: &[impl Borrow<Receipt>],
    lease: Duration,
) -> Result<Vec<bool>, StepError> {
    let lease = wire::lease_of(lease);
    let mut answers = Vec::with_capacity(receipts.len());
    for receipts in receipts.chunks(MOST) {
        let leases: Vec<_> = receipts.iter().map(|receipt| wire::lease_in(receipt.borrow())).collect();
        let held = ask(link, place, &SCRIPTS.extend, leases.iter().map(Option::is_some), |command| {
            command.arg(lease);
            for lease in leases.iter().flatten() {
                command.arg(*lease);
            }
        });
        answers.extend(held.await?);
    }
    Ok(answers)
}

/// Hands back what was leased from one group.
pub(crate) async fn release(
    link: &Link,
    place: &Place,
    receipts: &[impl Borrow<Receipt>],
) -> Result<Vec<bool>, StepError> {
    let mut answers = Vec::with_capacity(receipts.len());
    for receipts in receipts.chunks(MOST) {
        let leases: Vec<_> = receipts.iter().map(|receipt| wire::lease_in(receipt.borrow())).collect();
        let held = ask(link, place, &SCRIPTS.release, leases.iter().map(Option::is_some), |command| {
            for lease in leases.iter().flatten() {
                command.arg(*lease);
            }
        });
        answers.extend(held.await?);
    }
    Ok(answers)
}

/// Asks the server about those leases that are of this broker, and says of each whether it is held.
async fn ask(
    link: &Link,
    place: &Place,
    script: &Script,
    are_ours: impl Iterator<Item = bool>,
    arguments: impl Fn(&mut Cmd) + Sync,
) -> Result<Vec<bool>, StepError> {
    let are_ours: Vec<_> = are_ours.collect();
    if !are_ours.contains(&true) {
        return Ok(are_ours);
    }
    let reply = link.script(script, place.keys.all(), |command| {
        command.arg(place.group.as_str());
        arguments(command);
    });
    let Value::BulkString(answers) = reply.await? else { return Err(link.strange(script.step)) };
    let mut answers = answers.into_iter().map(|answer| answer == b'1');
    let held: Option<_> =
        are_ours.into_iter().map(|ours| if ours { answers.next() } else { Some(false) }).collect();
    held.ok_or_else(|| link.strange(script.step))
}

fn to_be_sent(place: &Place, settlement: Settlement) -> Option<Sent> {
    let lease = wire::lease_in(&settlement.receipt)?.into();
    let letters = settlement.letters.iter().map(|letter| {
        let text = serde_json::to_vec(letter).expect("the times of attempts are within the calendar");
        (letter_of(&place.queue), text)
    });
    Some(Sent { lease, letters: letters.collect(), next: settlement.next })
}

impl Sent {
    fn add_to(&self, command: &mut Cmd) {
        if self.letters.is_empty() {
            self.add_next_to(command, Some(&self.lease));
        } else {
            command.arg("l").arg(&*self.lease);
            self.add_next_to(command, None);
            command.arg(self.letters.len());
            for (id, letter) in &self.letters {
                command.arg(&id.as_uuid().as_bytes()[..]).arg(&letter[..]);
            }
        }
    }

    fn add_next_to(&self, command: &mut Cmd, lease: Option<&str>) {
        let how = if self.next == Next::Done { "d" } else { "a" };
        command.arg(how).arg(lease);
        if let Next::Again { at, progress } = &self.next {
            command.arg(wire::milliseconds(*at)).arg(optional(progress.as_deref()));
        }
    }
}

/// Something that may be empty, or not there, as one argument.
pub(crate) fn optional(bytes: Option<&[u8]>) -> Vec<u8> {
    bytes.map(|bytes| [b"=", bytes].concat()).unwrap_or_default()
}
