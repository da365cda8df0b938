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

/// Settles what was leased from one group.
pub(crate) async fn settle(
    link: &Link,
    place: &Place,
    settlements: Vec<Settlement>,
) -> Result<Vec<Settled>, StepError> {
    let mut answers = Vec::with_capacity(settlements.len());
    for settlements in settlements.chunks(MOST) {
        answers.extend(settle_at_once(link, place, settlements).await?);
    }
    Ok(answers)
}

async fn settle_at_once(
    link: &Link,
    place: &Place,
    settlements: &[Settlement],
) -> Result<Vec<Settled>, StepError> {
    let script = &SCRIPTS.settle;
    let mut answers = vec![Settled::NotHeld; settlements.len()];
    // The usual end of an event takes the least: these stand first, and have no words beside the lease.
    let (mut plain, mut others) = (Vec::with_capacity(settlements.len()), Vec::new());
    for (position, settlement) in settlements.iter().enumerate() {
        let Some(lease) = wire::lease_in(&settlement.receipt) else { continue };
        let is_plain = settlement.letters.is_empty() && settlement.next == Next::Done;
        match lease.strip_prefix('e') {
            Some(id) if is_plain => plain.push((position, id)),
            _ => others.push((position, lease, settlement, letters(link, place, settlement)?)),
        }
    }
    if plain.is_empty() && others.is_empty() {
        return Ok(answers);
    }
    let reply = link.script(script, place.keys.all(), |command| {
        command.arg(place.group.as_str()).arg(plain.len());
        for (_, id) in &plain {
            command.arg(*id);
        }
        for (_, lease, settlement, letters) in &others {
            add(command, lease, &settlement.next, letters);
        }
    });
    let Value::BulkString(held) = reply.await? else { return Err(link.strange(script.step)) };
    if held.len() != plain.len() + others.len() {
        return Err(link.strange(script.step));
    }
    let positions = plain.iter().map(|(position, _)| *position).chain(others.iter().map(|other| other.0));
    for (position, held) in positions.zip(held) {
        if held == b'1' {
            answers[position] = Settled::Applied;
        }
    }
    Ok(answers)
}

/// The letters of a settlement, with the identities that they get.
fn letters(
    link: &Link,
    place: &Place,
    settlement: &Settlement,
) -> Result<Vec<(LetterId, Vec<u8>)>, StepError> {
    let letters = settlement.letters.iter().map(|letter| match serde_json::to_vec(letter) {
        Ok(text) => Ok((letter_of(&place.queue), text)),
        // The time of an attempt is beyond the calendar.
        Err(error) => Err(link.unwritten(SCRIPTS.settle.step, &error)),
    });
    letters.collect()
}

/// Adds a settlement to the arguments of the script.
fn add(command: &mut Cmd, lease: &str, next: &Next, letters: &[(LetterId, Vec<u8>)]) {
    if !letters.is_empty() {
        command.arg("l").arg(lease);
    }
    command.arg(if *next == Next::Done { "d" } else { "a" });
    if letters.is_empty() {
        command.arg(lease);
    }
    if let Next::Again { at, progress } = next {
        command.arg(wire::milliseconds(*at)).arg(optional(progress.as_deref()));
    }
    if !letters.is_empty() {
        command.arg(letters.len());
    }
    for (id, letter) in letters {
        command.arg(&id.as_uuid().as_bytes()[..]).arg(&letter[..]);
    }
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

/// Something that may be empty, or not there, as one argument.
pub(crate) fn optional(bytes: Option<&[u8]>) -> Vec<u8> {
    bytes.map(|bytes| [b"=", bytes].concat()).unwrap_or_default()
}
