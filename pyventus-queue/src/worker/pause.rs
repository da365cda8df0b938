//! How long is waited before something is tried again.

use std::time::{Duration, SystemTime};

use pyventus_core::Retry;

use crate::error::BrokerError;

/// The longest that a handler is waited with: times have to be such as brokers can write.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// A pause after an attempt that failed and is not the last one: anything up to its bound, so that what failed together
/// does not come again together.
pub(super) fn before_next(retry: Retry, attempt: u32) -> Duration {
    let bound = retry.bound(attempt).unwrap_or_default().min(LONGEST);
    bound.mul_f64(fastrand::f64())
}

/// The moment after a pause from now.
pub(super) fn after(pause: Duration) -> SystemTime {
    SystemTime::now() + pause.min(LONGEST)
}

/// A broker that fails, and is asked again.
pub(super) struct Trouble {
    failures: u32,
}

impl Trouble {
    pub(super) fn none() -> Self {
        Self { failures: 0 }
    }

    /// The broker has failed once more; says when it is to be asked again.
    pub(super) fn failed(&mut self, error: &BrokerError) -> Duration {
        self.failures = self.failures.saturating_add(1);
        // Not so long that a broker which is back would wait for its workers.
        let retry = Retry::new(u32::MAX).first(Duration::from_millis(100)).max(Duration::from_secs(2));
        let bound = retry.bound(self.failures).unwrap_or_default();
        let pause = bound / 2 + before_next(retry, self.failures) / 2;
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        tracing::warn!(target: "pyventus", source = "Worker", failures = self.failures, "{error}{cause}; it is asked again in {pause:?}");
        pause
    }

    /// The broker has answered.
    pub(super) fn is_over(&mut self) {
        if std::mem::take(&mut self.failures) > 0 {
            tracing::info!(target: "pyventus", source = "Worker", "the broker answers again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Trouble, after, before_next};
    use crate::BrokerError;
    use pyventus_core::Retry;
    use std::time::Duration;

    #[test]
    fn a_pause_is_anything_up_to_its_bound() {
        let retry = Retry::new(9).first(Duration::from_secs(1)).max(Duration::from_secs(30));
        for attempt in 1..9 {
            let bound = retry.bound(attempt).expect("it is not the last one");
            let pauses: Vec<_> = (0..1_000).map(|_| before_next(retry, attempt)).collect();
            assert!(pauses.iter().all(|pause| *pause <= bound));
            // Of a thousand pauses, some are in every tenth.
            for tenth in 0..10 {
                let (from, to) = (bound * tenth / 10, bound * (tenth + 1) / 10);
                assert!(pauses.iter().any(|pause| (from..=to).contains(pause)), "none in {from:?}..={to:?}");
            }
        }
    }

    #[test]
    fn no_pause_is_too_long_for_a_clock() {
        let retry = Retry::new(u32::MAX).first(Duration::MAX).max(Duration::MAX);
        assert!(after(before_next(retry, 7)) <= after(Duration::MAX));
    }

    #[test]
    fn a_broker_that_fails_is_asked_again_soon_and_not_all_the_time() {
        let (error, mut trouble) = (BrokerError::new("receive", "it is away"), Trouble::none());
        let pauses: Vec<_> = (0..20).map(|_| trouble.failed(&error)).collect();
        assert!(pauses[0] >= Duration::from_millis(50) && pauses[0] <= Duration::from_millis(100));
        assert!(pauses[10..].iter().all(|pause| (1_000..=2_000).contains(&pause.as_millis())));
        trouble.is_over();
        assert!(trouble.failed(&error) <= Duration::from_millis(100));
    }
}
