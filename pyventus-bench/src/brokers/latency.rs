//! How long an event takes from `emit` to its handler, while events come at a fixed rate.

use std::time::Duration;

use pyventus::queue::Broker;
use tokio::time::{MissedTickBehavior, interval};

use crate::sample::Contender;

use super::lab::Lab;
use super::parcel::{ParcelSent, Seen, emitter, join};
use super::{CONCURRENCY, Ground};

/// The median, and what 99 of 100 events take no longer than; at so many events per second.
pub(super) fn contenders<G: Ground>(
    lab: &Lab<G>,
    quick: bool,
    per_second: usize,
    floor: (&str, usize),
) -> Vec<Contender> {
    let of = |case, percent| {
        let opened = async |ground: &G, _| {
            let broker = ground.open().await;
            join(&broker).await;
            broker
        };
        let events = if quick { per_second / 2 } else { per_second };
        let works = move |broker: G::Broker, _| latency(broker, events, per_second, percent);
        let contender = lab.contender((lab.named(case), per_second), 1, opened, works);
        contender.at_most(1).over_size(lab.named(floor.0), floor.1)
    };
    vec![of("latency_p50", 50), of("latency_p99", 99)]
}

async fn latency<B: Broker>(broker: B, events: usize, per_second: usize, percent: usize) -> Duration {
    let (seen, emitter) = (Seen::ages(events), emitter(broker.clone()));
    let running =
        tokio::spawn(seen.worker(broker.clone(), CONCURRENCY).run_until(std::future::pending::<()>()));
    let mut ticks =
        interval(Duration::from_secs(1) / u32::try_from(per_second).expect("it is a small number"));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..events {
        ticks.tick().await;
        // An error would be one event that is never seen.
        drop(emitter.emit(ParcelSent::now()));
    }
    seen.everything(&broker).await;
    running.abort();
    let mut ages = seen.take_ages();
    ages.sort_unstable();
    ages[(ages.len() * percent / 100).min(ages.len() - 1)]
}
