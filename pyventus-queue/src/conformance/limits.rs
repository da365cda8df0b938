//! What a broker does not take.

use std::time::{Duration, SystemTime};

use crate::{Broker, Message, MessageId, PublishError};

use super::Fixture;
use super::ground::{LONG, numbered, run};

/// A message of exactly the limit is no longer tried above that.
const LARGE: usize = 16 << 20;

/// One byte more than the limit is refused with the limit and the size, together with the messages before and behind it;
/// the limit itself is taken.
///
/// Holds for brokers with a limit.
///
/// # Panics
///
/// The broker breaks the law.
pub fn an_oversized_message_is_refused_before_any_is_sent<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        let Some(limit) = at.broker.capabilities().payload_limit() else { return };
        let of = |size: usize| Message::new(MessageId::new(), vec![0; size]);
        let messages = vec![numbered(0), of(limit + 1), numbered(2)];
        match at.broker.publish(&at.queue, messages).await {
            Err(PublishError::TooLarge { index: 1, size, limit: named }) => {
                assert_eq!((size, named), (limit + 1, limit));
            }
            other => panic!("a message beyond the limit was not refused as such: {other:?}"),
        }
        at.counted([0, 0, 0, 0, 0]).await;
        at.nothing("c").await;
        if limit <= LARGE {
            at.publish(vec![of(limit)]).await;
            let delivery = at.one("c", LONG).await;
            assert_eq!(delivery.message.body().len(), limit);
            at.done(delivery.receipt).await;
        }
    });
}

/// An event that is to be held back for longer than the limit is refused with the limit, together with the others.
///
/// Holds for brokers with a limit.
///
/// # Panics
///
/// The broker breaks the law.
pub fn an_event_held_back_for_too_long_is_refused<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let at = &ground.at;
        let Some(limit) = at.broker.capabilities().delay_limit() else { return };
        let until = SystemTime::now() + limit + Duration::from_mins(1);
        match at.broker.publish(&at.queue, vec![numbered(0), numbered(1).not_before(until)]).await {
            Err(PublishError::DelayTooLong { index: 1, delay, limit: named }) => {
                assert_eq!(named, limit);
                assert!(delay > limit);
            }
            other => panic!("a delay beyond the limit was not refused as such: {other:?}"),
        }
        at.counted([0, 0, 0, 0, 0]).await;
    });
}
