//! Removing a group.

use pyventus_queue::{Counts, GroupName, QueueName};
use rusqlite::params;

use super::{EventNumber, Work, is_needed, items, records};

impl Work<'_> {
    /// Removes a group with everything that it has left, and returns what had become of its events, if it was there.
    pub(crate) fn remove_group(
        &mut self,
        queue: &QueueName,
        group: &GroupName,
    ) -> rusqlite::Result<Option<Counts>> {
        // What groups are through with by now is judged while this one is there.
        self.ranges.write()?;
        self.forget()?;
        let Some(known) = self.queues.find(queue)? else { return Ok(None) };
        let Some(removed) = known.remove_group(group) else { return Ok(None) };
        let mut left = self.ranges.all(removed.id)?;
        left.extend(items::events(self.sql, removed.id)?);
        left.extend(records::events(self.sql, removed.id)?);
        for delete in [
            "DELETE FROM ranges WHERE grp = ?1",
            "DELETE FROM items WHERE grp = ?1",
            "DELETE FROM records WHERE grp = ?1",
            "DELETE FROM letters WHERE grp = ?1",
            "DELETE FROM groups WHERE id = ?1",
        ] {
            self.sql.prepare_cached(delete)?.execute([removed.id])?;
        }
        self.ranges.forget(removed.id);

        let delete = "DELETE FROM events WHERE number BETWEEN ?1 AND ?2";
        let mut delete = self.sql.prepare_cached(delete)?;
        // What comes after that is needed by the group that is the furthest behind.
        if let Some(behind) = known.groups().map(|group| group.cursor).min() {
            left.extend(removed.cursor + 1..=behind);
            left.sort_unstable();
            left.dedup();
            for event in left {
                if !is_needed(known, event, &mut self.ranges, self.sql)? {
                    known.has_lost(delete.execute(params![event, event])?);
                }
            }
        } else {
            let all: [EventNumber; 2] = [known.start() + 1, known.last];
            known.has_lost(delete.execute(all)?);
        }
        // Whoever waits for it makes it anew.
        self.stir(queue, Some(group));
        Ok(Some(removed.counts()))
    }
}
