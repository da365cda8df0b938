//! What is sent and what comes back, as the values of Redis.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use pyventus_queue::{
    Backlog, Counts, DeadLetter, Delivery, GroupName, LetterId, Message, MessageId, QueueInfo, QueueName,
    Receipt,
};
use redis::{Cmd, Value};
use uuid::Uuid;

/// The number of every lease: what is handed out once more has another name.
const ONLY: u64 = 1;

/// What whoever reads has done beside.
pub(crate) struct Tended {
    /// The group was not there before.
    pub(crate) joined: bool,
    /// After which time there may be something.
    pub(crate) next: Option<Duration>,
    /// How many items there are to be handed out.
    pub(crate) ready: usize,
    pub(crate) items: Vec<Delivery>,
}

/// What was read by who waited at the server.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) deliveries: Vec<Delivery>,
    /// What is in the other stream and cannot be handed out before it was claimed.
    pub(crate) items: Vec<String>,
}

/// Adds an event to its stream; one that is due.
pub(crate) fn add(events: &str, message: &Message) -> Cmd {
    let body = message.body();
    let mut command = Cmd::with_capacity(9, events.len() + body.len() + 64);
    command.arg("XADD").arg(events).arg("*").arg("i").arg(&message.id().as_uuid().as_bytes()[..]);
    command.arg("b").arg(&body[..]);
    if let Some(until) = message.held_until() {
        command.arg("n").arg(&nanoseconds(until).to_be_bytes()[..]);
    }
    command
}

/// Adds an event to those that are held back: what it is, and when it is due.
pub(crate) fn hold(bodies: &str, held: &str, message: &Message, until: SystemTime) -> [Cmd; 2] {
    // What is published a second time has another name.
    let name = *MessageId::new().as_uuid().as_bytes();
    let mut packed = Vec::with_capacity(message.body().len() + 32);
    packed.extend(message.id().as_uuid().as_bytes());
    packed.extend(nanoseconds(until).to_be_bytes());
    packed.extend(&message.body()[..]);
    let (mut what, mut when) = (redis::cmd("HSET"), redis::cmd("ZADD"));
    what.arg(bodies).arg(&name[..]).arg(packed);
    when.arg(held).arg(milliseconds(until)).arg(&name[..]);
    [what, when]
}

/// The first millisecond in which that time is not in the future.
pub(crate) fn milliseconds(time: SystemTime) -> i64 {
    let milliseconds =
        nanoseconds(time).div_euclid(1_000_000) + i128::from(nanoseconds(time).rem_euclid(1_000_000) > 0);
    milliseconds.try_into().unwrap_or(i64::MAX)
}

/// Nanoseconds since the beginning of 1970.
fn nanoseconds(time: SystemTime) -> i128 {
    let signed = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => signed(after),
        Err(before) => -signed(before.duration()),
    }
}

fn time_of(nanoseconds: i128) -> Option<SystemTime> {
    let seconds = u64::try_from(nanoseconds.unsigned_abs() / 1_000_000_000).ok()?;
    let fraction = u32::try_from(nanoseconds.unsigned_abs() % 1_000_000_000).ok()?;
    let distance = Duration::new(seconds, fraction);
    if nanoseconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

/// How many milliseconds a lease lasts: that long, or a little longer. There are few such numbers, since each is a consumer
/// of the server.
pub(crate) fn lease_of(lease: Duration) -> u64 {
    const LONGEST: u64 = 1 << 40;
    let exact = u64::try_from(lease.as_nanos().div_ceil(1_000_000)).unwrap_or(LONGEST).clamp(1, LONGEST);
    let grain = 1 << (u64::BITS - exact.leading_zeros()).saturating_sub(5);
    exact.next_multiple_of(grain)
}

/// What the scripts know a lease by, if a receipt is one of this broker.
pub(crate) fn lease_in(receipt: &Receipt) -> Option<&str> {
    let id = receipt.item().strip_prefix(['e', 'a'])?;
    let (time, number) = id.split_once('-')?;
    let is_number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u64>().is_ok();
    (is_number(time) && is_number(number)).then(|| receipt.item())
}

pub(crate) fn tended(reply: Value, queue: &QueueName, group: &GroupName) -> Option<Tended> {
    let [joined, next, ready, items] = array(reply)?.try_into().ok()?;
    let next = u64::try_from(integer(&next)?).ok().map(Duration::from_millis);
    let (joined, ready) = (integer(&joined)? == 1, integer(&ready)?.try_into().ok()?);
    Some(Tended { joined, next, ready, items: self::items(items, queue, group)? })
}

/// The items of a reply of a script.
pub(crate) fn items(items: Value, queue: &QueueName, group: &GroupName) -> Option<Vec<Delivery>> {
    let of = |item: Value| {
        let [id, deaths, progress, message_id, body, until] = array(item)?.try_into().ok()?;
        let message = message(&bytes(message_id)?, bytes(body)?, bytes(until).as_deref())?;
        let receipt = receipt(queue, group, 'a', &bytes(id)?)?;
        let deaths = std::str::from_utf8(&bytes(deaths)?).ok()?.parse().ok()?;
        Some(Delivery::new(receipt, message, bytes(progress).map(Bytes::from), deaths))
    };
    array(items)?.into_iter().map(of).collect()
}

/// The entries of the stream of events.
fn entries(entries: Value, queue: &QueueName, group: &GroupName) -> Option<Vec<Delivery>> {
    let of = |entry: Value| {
        let [id, fields] = array(entry)?.try_into().ok()?;
        let (mut message_id, mut body, mut until) = (None, None, None);
        let mut fields = array(fields)?.into_iter();
        while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
            match &bytes(name)?[..] {
                b"i" => message_id = Some(bytes(value)?),
                b"b" => body = Some(bytes(value)?),
                b"n" => until = Some(bytes(value)?),
                _ => {}
            }
        }
        let message = message(&message_id?, body?, until.as_deref())?;
        Some(Delivery::new(receipt(queue, group, 'e', &bytes(id)?)?, message, None, 0))
    };
    array(entries)?.into_iter().map(of).collect()
}

/// What was read from some of the streams of a group.
pub(crate) fn read(
    reply: Value,
    events: &str,
    again: &str,
    queue: &QueueName,
    group: &GroupName,
) -> Option<Read> {
    let streams = match reply {
        Value::Nil => return Some(Read::default()),
        Value::Map(streams) => streams,
        other => {
            let pair =
                |pair: Value| <[Value; 2]>::try_from(array(pair)?).ok().map(|[key, value]| (key, value));
            array(other)?.into_iter().map(pair).collect::<Option<_>>()?
        }
    };
    let mut read = Read::default();
    for (key, entries) in streams {
        let key = bytes(key)?;
        if key == events.as_bytes() {
            read.deliveries = self::entries(entries, queue, group)?;
        } else if key == again.as_bytes() {
            let id = |entry: Value| String::from_utf8(bytes(array(entry)?.into_iter().next()?)?).ok();
            read.items = array(entries)?.into_iter().map(id).collect::<Option<_>>()?;
        }
    }
    Some(read)
}

/// What became of the events of a group; what did not end yet is pending.
pub(crate) fn counts(reply: Value) -> Option<Counts> {
    let numbers = array(reply)?.into_iter().map(|number| integer(&number)?.try_into().ok());
    let [accepted, succeeded, dead, dropped] = numbers.collect::<Option<Vec<u64>>>()?.try_into().ok()?;
    let pending = accepted.checked_sub(succeeded)?.checked_sub(dead)?.checked_sub(dropped)?;
    let mut counts = Counts::default();
    (counts.accepted, counts.pending) = (accepted, pending);
    (counts.succeeded, counts.dead, counts.dropped) = (succeeded, dead, dropped);
    Some(counts)
}

/// Where the deliveries of a group are.
pub(crate) fn backlog(reply: Value) -> Option<Backlog> {
    let numbers = array(reply)?.into_iter().map(|number| integer(&number)?.try_into().ok());
    let [waiting, delayed, leased] = numbers.collect::<Option<Vec<u64>>>()?.try_into().ok()?;
    let mut backlog = Backlog::default();
    (backlog.waiting, backlog.delayed, backlog.leased) = (waiting, delayed, leased);
    Some(backlog)
}

/// What there is to say of a queue.
pub(crate) fn info(reply: Value, name: QueueName) -> Option<QueueInfo> {
    let [retained, groups] = array(reply)?.try_into().ok()?;
    let group = |name: Value| GroupName::new(std::str::from_utf8(&bytes(name)?).ok()?).ok();
    let groups = array(groups)?.into_iter().map(group).collect::<Option<_>>()?;
    Some(QueueInfo::new(name, groups, integer(&retained)?.try_into().ok()?))
}

/// The name of a queue.
pub(crate) fn queue(name: Value) -> Option<QueueName> {
    QueueName::new(std::str::from_utf8(&bytes(name)?).ok()?).ok()
}

pub(crate) fn letter(reply: Value, queue: &QueueName) -> Option<DeadLetter> {
    let [id, group, message_id, body, until, at, letter] = array(reply)?.try_into().ok()?;
    let message = message(&bytes(message_id)?, bytes(body)?, bytes(until).as_deref())?;
    let id = LetterId::from_uuid(Uuid::from_slice(&bytes(id)?).ok()?);
    let group = GroupName::new(std::str::from_utf8(&bytes(group)?).ok()?).ok()?;
    let microseconds = std::str::from_utf8(&bytes(at)?).ok()?.parse::<i128>().ok()?;
    let letter = serde_json::from_slice(&bytes(letter)?).ok()?;
    Some(DeadLetter::new(id, queue.clone(), group, message, time_of(microseconds * 1000)?, letter))
}

fn message(id: &[u8], body: Vec<u8>, until: Option<&[u8]>) -> Option<Message> {
    let message = Message::new(MessageId::from_uuid(Uuid::from_slice(id).ok()?), body);
    let Some(until) = until else { return Some(message) };
    Some(message.not_before(time_of(i128::from_be_bytes(until.try_into().ok()?))?))
}

fn receipt(queue: &QueueName, group: &GroupName, stream: char, id: &[u8]) -> Option<Receipt> {
    let mut item = String::with_capacity(id.len() + 1);
    item.push(stream);
    item.push_str(std::str::from_utf8(id).ok()?);
    Some(Receipt::new(queue.clone(), group.clone(), item, ONLY))
}

pub(crate) fn array(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(values) | Value::Set(values) => Some(values),
        _ => None,
    }
}

/// A text; what is absent has none.
pub(crate) fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text.into_bytes()),
        _ => None,
    }
}

pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{lease_of, milliseconds, nanoseconds, time_of};

    #[test]
    fn a_lease_is_never_shorter_and_at_most_a_sixteenth_longer() {
        for exact in (0..10_000).chain([123_456_789, u64::MAX]).map(Duration::from_millis) {
            let wanted = exact.max(Duration::from_millis(1)).min(Duration::from_millis(1 << 40));
            let lease = Duration::from_millis(lease_of(exact));
            assert!(lease >= wanted && lease <= wanted + wanted / 16, "{exact:?} became {lease:?}");
        }
        assert_eq!(lease_of(Duration::from_nanos(1)), 1);
        assert_eq!(lease_of(Duration::MAX), 1 << 40);
    }

    #[test]
    fn times_come_back_as_they_were_and_are_due_in_no_millisecond_before() {
        let epoch = SystemTime::UNIX_EPOCH;
        let distances =
            [0, 1, 999_999, 1_000_000, 1_767_225_600_123_456_789, u64::MAX].map(Duration::from_nanos);
        for time in distances.into_iter().flat_map(|distance| [epoch + distance, epoch - distance]) {
            assert_eq!(time_of(nanoseconds(time)), Some(time));
            let due = i128::from(milliseconds(time)) * 1_000_000;
            assert!(due >= nanoseconds(time) && due - 1_000_000 < nanoseconds(time), "{time:?}");
        }
    }
}
