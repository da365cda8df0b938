//! Moments as the file has them: nanoseconds since 1970, by the clock of the calendar.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};

/// A moment between the years 1677 and 2262; others become the nearest of these.
///
/// Leases end by the clock of the calendar, since no other one is the same for several processes and after a restart of
/// the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(i64);

impl Moment {
    pub(crate) const FIRST: Self = Self(i64::MIN);

    pub(crate) fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// The moment after that time.
    pub(crate) fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(nanoseconds(time)))
    }

    /// How long it is until a later moment.
    pub(crate) fn until(self, later: Self) -> Duration {
        u64::try_from(later.0.saturating_sub(self.0)).map_or(Duration::ZERO, Duration::from_nanos)
    }
}

fn nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        Self(match time.duration_since(UNIX_EPOCH) {
            Ok(since) => nanoseconds(since),
            Err(before) => -nanoseconds(before.duration()),
        })
    }
}

impl From<Moment> for SystemTime {
    fn from(Moment(nanoseconds): Moment) -> Self {
        let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
        if nanoseconds < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
    }
}

impl ToSql for Moment {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Moment {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_to_the_nanosecond_and_the_nearest_where_there_is_none() {
        for time in [
            SystemTime::now(),
            UNIX_EPOCH,
            UNIX_EPOCH - Duration::new(7, 3),
            UNIX_EPOCH + Duration::new(4_102_444_800, 123_456_789),
        ] {
            assert_eq!(SystemTime::from(Moment::from(time)), time);
        }
        let far = Duration::from_hours(24 * 365 * 1_000);
        assert_eq!(Moment::from(UNIX_EPOCH + far), Moment(i64::MAX));
        assert_eq!(Moment::from(UNIX_EPOCH - far), Moment(-i64::MAX));
        assert_eq!(Moment(i64::MAX).after(far), Moment(i64::MAX));
        assert_eq!(Moment(5).until(Moment(3)), Duration::ZERO);
        assert_eq!(Moment(3).until(Moment(5)), Duration::from_nanos(2));
    }
}
