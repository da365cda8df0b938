//! What was given up.

use pyventus_queue::{DeadLetter, LetterId, Page};
use redis::Value;

use crate::error::StepError;
use crate::keys::{Keys, may_be_of};
use crate::link::Link;
use crate::place::{Place, Places};
use crate::queues;
use crate::script::{SCRIPTS, Script};
use crate::settle::optional;
use crate::wire;

/// Lists the letters of a group.
pub(crate) async fn list(link: &Link, place: &Place, page: Page) -> Result<Vec<DeadLetter>, StepError> {
    let script = &SCRIPTS.letters;
    let after = page.after.map(|letter| letter.as_uuid().as_bytes().to_vec()).unwrap_or_default();
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let reply = link.script(script, place.keys.all(), |command| {
        command.arg(place.group.as_str()).arg(&after[..]).arg(limit);
    });
    let letters = wire::array(reply.await?)
        .and_then(|letters| letters.into_iter().map(|letter| wire::letter(letter, &place.queue)).collect());
    letters.ok_or_else(|| link.strange(script.step))
}

/// Looks for a letter in the queues that it may be of.
pub(crate) async fn find(link: &Link, keys: &Keys, id: LetterId) -> Result<Option<DeadLetter>, StepError> {
    let script = &SCRIPTS.letter;
    let strange = || link.strange(script.step);
    for queue in queues::names(link, keys).await? {
        if !may_be_of(id, &queue) {
            continue;
        }
        let keys = [keys.letters(&queue)];
        let reply = link.script(script, &keys, |command| {
            command.arg(&id.as_uuid().as_bytes()[..]);
        });
        match reply.await? {
            Value::Nil | Value::Boolean(false) => {}
            letter => return wire::letter(letter, &queue).map(Some).ok_or_else(strange),
        }
    }
    Ok(None)
}

/// Replays a letter, and returns whether it was there.
pub(crate) async fn replay(
    link: &Link,
    keys: &Keys,
    places: &Places,
    id: LetterId,
) -> Result<bool, StepError> {
    let Some(letter) = find(link, keys, id).await? else { return Ok(false) };
    let progress = optional(letter.letter.resume.as_deref());
    let place = places.of(keys, &letter.queue, &letter.group);
    end(link, &SCRIPTS.replay, &place, id, &progress).await
}

/// Drops a letter, and returns whether it was there.
pub(crate) async fn drop(link: &Link, keys: &Keys, places: &Places, id: LetterId) -> Result<bool, StepError> {
    let Some(letter) = find(link, keys, id).await? else { return Ok(false) };
    let place = places.of(keys, &letter.queue, &letter.group);
    end(link, &SCRIPTS.drop, &place, id, &[]).await
}

async fn end(
    link: &Link,
    script: &Script,
    place: &Place,
    id: LetterId,
    progress: &[u8],
) -> Result<bool, StepError> {
    let reply = link.script(script, place.keys.all(), |command| {
        command.arg(place.group.as_str()).arg(&id.as_uuid().as_bytes()[..]).arg(progress);
    });
    wire::integer(&reply.await?).map(|ended| ended == 1).ok_or_else(|| link.strange(script.step))
}
