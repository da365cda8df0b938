//! The durable side: brokers and workers beside the least that a channel, SQLite and Redis take for the same work, and
//! beside a peer.
//!
//! The number of a case is how many events are on their way at a time: one, those of 256 tasks, or 1,000 that are
//! published together; of what handles events, how many are handled at a time; of a latency, how many are emitted in a
//! second.

mod parcel;
mod lab;
mod store;
mod publishing;
mod handling;
mod latency;
mod memory;
mod sqlite;
mod redis;
mod apalis;
#[path = "../../../pyventus-redis/tests/support/mod.rs"]
#[expect(dead_code, reason = "tests also end servers, and start them again")]
mod support;

use std::time::Duration;

use pyventus::queue::Broker;

use crate::options::Options;
use crate::race::Race;
use crate::sample::Contender;

use lab::Lab;
use redis::Appends;

/// How many tasks emit at a time.
const TASKS: usize = 256;

/// How many events are published together.
const TOGETHER: usize = 1_000;

/// How many events are received at a time.
const AT_A_TIME: usize = 100;

/// How many events a worker handles at a time.
const CONCURRENCY: usize = 256;

/// What keeps the events of a broker.
trait Ground: 'static {
    type Broker: Broker;

    /// A broker that has no events as yet.
    async fn open(&self) -> Self::Broker;

    /// What a case is called here.
    fn named(&self, case: &str) -> String;
}

/// The races of all brokers; those of Redis with both settings of `appendfsync` that are meant to lose little or nothing.
pub(crate) fn races(options: &Options) -> Vec<Race> {
    let quick = options.quick;
    let mut races = memory::races(quick);
    races.extend(sqlite::races(quick));
    races.extend(redis::races(quick, Appends::EverySecond));
    races.extend(redis::races(quick, Appends::Always));
    races
}

/// A race whose samples are long enough for disks and servers to do what they do at intervals.
fn race<G: Ground>(
    title: String,
    quick: bool,
    ground: impl Fn() -> G + 'static,
    contenders: impl Fn(&Lab<G>) -> Vec<Contender> + 'static,
) -> Race {
    let (rounds, sample) = if quick { (5, 50) } else { (11, 250) };
    Race::new(title, move || contenders(&Lab::new(ground()))).with_pace(rounds, Duration::from_millis(sample))
}
