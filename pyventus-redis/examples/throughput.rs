//! Measures what a broker costs over Redis itself: each figure stands beside the commands of Redis that do the least of the
//! same work, on the same server and in the same run.
//!
//! `cargo run --release -p pyventus-redis --example throughput -- redis://127.0.0.1:6379`
#![expect(clippy::print_stdout, reason = "a program prints what it has measured")]

use std::future::Future;
use std::time::{Duration, Instant};

use pyventus_queue::{
    Broker, ConsumerName, GroupName, Message, MessageId, QueueName, Settled, Settlement, Subscription,
};
use pyventus_redis::RedisBroker;
use redis::Value;
use redis::aio::MultiplexedConnection;
use redis::streams::StreamReadReply;
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How often each is measured; the middle one of the ratios is reported.
const ROUNDS: usize = 7;
const BODY: usize = 256;
const BATCH: usize = 100;

#[tokio::main]
async fn main() -> Result<()> {
    // As programs do, in a task.
    tokio::spawn(measure()).await?
}

async fn measure() -> Result<()> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "redis://127.0.0.1:6379".to_owned());
    let mut config = redis::AsyncConnectionConfig::new();
    config = config.set_response_timeout(Some(Duration::from_secs(10))).set_pipeline_buffer_size(1024);
    let client = redis::Client::open(url.as_str())?;
    let raw = Raw(client.get_multiplexed_async_connection_with_config(&config).await?);
    let broker = RedisBroker::options().prefix("throughput").connect(url).await?;
    println!("{:<34} {:>12} {:>12} {:>7}", "", "Redis/s", "pyventus/s", "cost");
    compare("published one by one", 5_000, |n| raw.one_by_one(n), |n| one_by_one(&broker, n)).await?;
    compare("published by 256 tasks", 100_000, |n| raw.by_tasks(n), |n| by_tasks(&broker, n)).await?;
    compare("published in batches of 1000", 100_000, |n| raw.in_batches(n), |n| in_batches(&broker, n))
        .await?;
    compare("received and settled, 100 each", 50_000, |n| raw.drain(n), |n| drain(&broker, n)).await?;
    Ok(())
}

/// Measures both in turn. The cost is the time of the broker in that of Redis.
async fn compare<R, P>(
    what: &str,
    events: usize,
    raw: impl Fn(usize) -> R,
    ours: impl Fn(usize) -> P,
) -> Result<()>
where
    R: Future<Output = Result<Duration>>,
    P: Future<Output = Result<Duration>>,
{
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (least, whole) = (raw(events).await?, ours(events).await?);
        rounds.push((whole.as_secs_f64() / least.as_secs_f64(), least, whole));
    }
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (cost, least, whole) = rounds[ROUNDS / 2];
    #[expect(clippy::cast_precision_loss, reason = "there are few events")]
    let rate = |time: Duration| events as f64 / time.as_secs_f64();
    println!("{what:<34} {:>12.0} {:>12.0} {cost:>7.2}", rate(least), rate(whole));
    Ok(())
}

fn body() -> Vec<u8> {
    vec![b'x'; BODY]
}

/// The commands of Redis that do the least of the work.
#[derive(Clone)]
struct Raw(MultiplexedConnection);

impl Raw {
    async fn add(&mut self) -> Result<()> {
        let mut command = redis::cmd("XADD");
        command.arg("throughput:raw").arg("*").arg("b").arg(body());
        Ok(command.exec_async(&mut self.0).await?)
    }

    async fn forget(&self) -> Result<()> {
        Ok(redis::cmd("DEL").arg("throughput:raw").exec_async(&mut self.0.clone()).await?)
    }

    async fn one_by_one(&self, events: usize) -> Result<Duration> {
        let mut raw = self.clone();
        let since = Instant::now();
        for _ in 0..events {
            raw.add().await?;
        }
        let took = since.elapsed();
        self.forget().await?;
        Ok(took)
    }

    async fn by_tasks(&self, events: usize) -> Result<Duration> {
        let raw = self.clone();
        let took = all_at_once(events, move || {
            let mut raw = raw.clone();
            async move { raw.add().await }
        });
        let took = took.await?;
        self.forget().await?;
        Ok(took)
    }

    async fn in_batches(&self, events: usize) -> Result<Duration> {
        let took = self.fill(events).await?;
        self.forget().await?;
        Ok(took)
    }

    async fn fill(&self, events: usize) -> Result<Duration> {
        let since = Instant::now();
        for _ in 0..events / 1_000 {
            let mut commands = redis::pipe();
            for _ in 0..1_000 {
                commands.cmd("XADD").arg("throughput:raw").arg("*").arg("b").arg(body());
            }
            commands.exec_async(&mut self.0.clone()).await?;
        }
        Ok(since.elapsed())
    }

    async fn drain(&self, events: usize) -> Result<Duration> {
        let mut connection = self.0.clone();
        self.fill(events).await?;
        let mut create = redis::cmd("XGROUP");
        create.arg("CREATE").arg("throughput:raw").arg("g").arg(0).exec_async(&mut connection).await?;
        let since = Instant::now();
        let mut left = events;
        while left > 0 {
            let mut read = redis::cmd("XREADGROUP");
            read.arg("GROUP").arg("g").arg("c").arg("COUNT").arg(BATCH);
            read.arg("STREAMS").arg("throughput:raw").arg(">");
            let reply: StreamReadReply = read.query_async(&mut connection).await?;
            let mut acknowledge = redis::cmd("XACK");
            acknowledge.arg("throughput:raw").arg("g");
            for entry in reply.keys.iter().flat_map(|key| &key.ids) {
                assert!(matches!(&entry.map["b"], Value::BulkString(bytes) if bytes.len() == BODY));
                acknowledge.arg(&entry.id);
            }
            left -= acknowledge.query_async::<usize>(&mut connection).await?;
        }
        let took = since.elapsed();
        self.forget().await?;
        Ok(took)
    }
}

fn message() -> Message {
    Message::new(MessageId::new(), body())
}

fn queue() -> QueueName {
    QueueName::new(format!("throughput-{}", MessageId::new())).expect("it is a name")
}

async fn one_by_one(broker: &RedisBroker, events: usize) -> Result<Duration> {
    let queue = queue();
    let since = Instant::now();
    for _ in 0..events {
        broker.publish(&queue, vec![message()]).await?;
    }
    let took = since.elapsed();
    forget(broker, &queue).await?;
    Ok(took)
}

async fn by_tasks(broker: &RedisBroker, events: usize) -> Result<Duration> {
    let (broker, queue) = (broker.clone(), queue());
    let (publishing, used) = (broker.clone(), queue.clone());
    let took = all_at_once(events, move || {
        let (broker, queue) = (publishing.clone(), used.clone());
        async move { Ok(broker.publish(&queue, vec![message()]).await?) }
    });
    let took = took.await?;
    forget(&broker, &queue).await?;
    Ok(took)
}

async fn in_batches(broker: &RedisBroker, events: usize) -> Result<Duration> {
    let queue = queue();
    let took = fill(broker, &queue, events).await?;
    forget(broker, &queue).await?;
    Ok(took)
}

async fn fill(broker: &RedisBroker, queue: &QueueName, events: usize) -> Result<Duration> {
    let since = Instant::now();
    for _ in 0..events / 1_000 {
        broker.publish(queue, (0..1_000).map(|_| message()).collect()).await?;
    }
    Ok(since.elapsed())
}

async fn drain(broker: &RedisBroker, events: usize) -> Result<Duration> {
    let queue = queue();
    fill(broker, &queue, events).await?;
    settle_all(broker, &queue, events).await
}

/// Receives and settles so many events.
async fn settle_all(broker: &RedisBroker, queue: &QueueName, events: usize) -> Result<Duration> {
    let subscription = Subscription::new(queue.clone(), GroupName::new("g")?, ConsumerName::new("c")?);
    let (lease, wait) = (Duration::from_secs(30), Duration::from_secs(1));
    let since = Instant::now();
    let mut left = events;
    while left > 0 {
        let deliveries = broker.receive(&subscription, BATCH, lease, wait).await?;
        let settlements = deliveries.into_iter().map(|delivery| {
            assert_eq!(delivery.message.body().len(), BODY);
            Settlement::done(delivery.receipt)
        });
        let settled = broker.settle(settlements.collect()).await?;
        assert!(settled.iter().all(|settled| *settled == Settled::Applied));
        left -= settled.len();
    }
    Ok(since.elapsed())
}

/// Takes away what was published.
async fn forget(broker: &RedisBroker, queue: &QueueName) -> Result<()> {
    let accepted = broker.counts(queue, &GroupName::new("g")?).await?.accepted;
    settle_all(broker, queue, usize::try_from(accepted)?).await.map(drop)
}

/// Does something so many times, 256 at a time.
async fn all_at_once<O>(events: usize, operation: impl Fn() -> O) -> Result<Duration>
where
    O: Future<Output = Result<()>> + Send + 'static,
{
    const TASKS: usize = 256;

    let since = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let operations: Vec<_> = (0..events / TASKS).map(|_| operation()).collect();
        tasks.spawn(async move {
            for operation in operations {
                operation.await?;
            }
            Result::Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(since.elapsed() * u32::try_from(events)? / u32::try_from(events / TASKS * TASKS)?)
}
