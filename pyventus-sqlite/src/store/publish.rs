//! Publishing.

use pyventus_queue::{Message, PublishError, QueueName};
use rusqlite::params;

use crate::time::Moment;

use super::Work;

impl Work<'_> {
    /// Stores messages: all of them, or none where the queue has no space for them.
    pub(crate) fn publish(
        &mut self,
        queue: &QueueName,
        messages: &[Message],
    ) -> rusqlite::Result<Result<(), PublishError>> {
        if let Some(capacity) = self.capacity {
            let has_space = |stored: usize| messages.len() <= capacity.saturating_sub(stored);
            if !has_space(self.queues.find_or_make(queue)?.stored()) {
                // What was settled in this transaction does not take up space any more.
                self.ranges.write()?;
                self.forget()?;
                if !has_space(self.queues.find_or_make(queue)?.stored()) {
                    return Ok(Err(PublishError::Full { capacity }));
                }
            }
        }
        let known = self.queues.find_or_make(queue)?;
        let insert = "INSERT INTO events (number, id, not_before, body) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = self.sql.prepare_cached(insert)?;
        let mut number = known.last;
        for message in messages {
            number += 1;
            let (id, not_before) = (message.id(), message.held_until().map(Moment::from));
            insert.execute(params![number, id.as_uuid().as_bytes(), not_before, message.body().as_ref()])?;
        }
        known.has_got(number - known.last);
        self.stir(queue, None);
        Ok(Ok(()))
    }
}
