//! `RedisBroker`, over the commands of Redis that do the least of the same work.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::redis::aio::MultiplexedConnection;
use ::redis::streams::{StreamReadOptions, StreamReadReply};
use ::redis::{AsyncConnectionConfig, AsyncTypedCommands as _, Client, Value};
use pyventus::redis::RedisBroker;

use crate::race::Race;
use crate::sample::Contender;

use super::lab::Lab;
use super::parcel::envelope;
use super::store::{Drain, Store};
use super::support::Server;
use super::{AT_A_TIME, Ground, TASKS, TOGETHER, apalis, handling, latency, publishing, race};

const STREAM: &str = "floor";

/// When the server makes sure that the disk has what it answers.
#[derive(Clone, Copy)]
pub(super) enum Appends {
    EverySecond,
    Always,
}

impl Appends {
    fn setting(self) -> &'static str {
        match self {
            Self::EverySecond => "everysec",
            Self::Always => "always",
        }
    }
}

/// A private server, which starts when it is needed first; each sample finds it empty.
pub(super) struct Redis {
    appends: Appends,
    server: OnceCell<Server>,
}

impl Redis {
    fn new(appends: Appends) -> Self {
        Self { appends, server: OnceCell::new() }
    }

    /// Where the server is.
    fn url(&self) -> String {
        // A file that is written anew meanwhile would be work that some samples have, and others have not.
        let options = ["--appendfsync", self.appends.setting(), "--auto-aof-rewrite-percentage", "0"];
        let start = || Server::start(&options).expect("there is a `redis-server`");
        self.server.get_or_init(start).url()
    }

    /// Where the server is, which has forgotten everything.
    pub(super) async fn emptied(&self) -> String {
        let mut connection = connect(&self.url()).await;
        connection.flushall().await.expect("the server is there");
        self.url()
    }
}

impl Ground for Redis {
    type Broker = RedisBroker;

    async fn open(&self) -> RedisBroker {
        RedisBroker::connect(self.emptied().await).await.expect("the server is there")
    }

    fn named(&self, case: &str) -> String {
        format!("redis_{case}_{}", self.appends.setting())
    }
}

pub(super) fn races(quick: bool, appends: Appends) -> Vec<Race> {
    let stream = async |ground: &Redis| Stream::new(ground).await;
    let title = |what: &str| format!("{what}, Redis with appendfsync {}", appends.setting());
    let ground = move || Redis::new(appends);
    let publishing = race(title("publishing"), quick, ground, move |lab| {
        let floor = lab.named("xadd");
        let mut contenders = vec![
            publishing::one_by_one(lab, &floor, stream),
            publishing::by_tasks(lab, &floor, stream),
            publishing::together(lab, &floor, TOGETHER, stream),
        ];
        contenders.extend(publishing::contenders(lab, "xadd", ("xadd", TASKS)));
        contenders.push(apalis::push(lab));
        contenders
    });
    let handling = race(title("handling"), quick, ground, move |lab| {
        let (drain, flow) = ("drain", "flow");
        let mut contenders = handling::floors(lab, drain, flow, stream);
        contenders.extend(handling::contenders(lab, handling::USUAL, (drain, AT_A_TIME), (flow, TASKS)));
        contenders.extend(apalis::workers(lab));
        contenders.push(ping(lab));
        contenders.extend(latency::contenders(lab, quick, 1_000, ("ping", 1)));
        contenders
    });
    vec![publishing, handling]
}

async fn connect(url: &str) -> MultiplexedConnection {
    // As many requests are written together as the broker does.
    let config = AsyncConnectionConfig::new().set_pipeline_buffer_size(1024);
    let config = config.set_response_timeout(Some(Duration::from_secs(10)));
    let client = Client::open(url).expect("it is an address");
    client.get_multiplexed_async_connection_with_config(&config).await.expect("the server is there")
}

/// A round trip.
fn ping(lab: &Lab<Redis>) -> Contender {
    let open = async |ground: &Redis, _| connect(&ground.emptied().await).await;
    let work = |mut connection: MultiplexedConnection, times| async move {
        let since = Instant::now();
        for _ in 0..times {
            connection.ping().await.expect("the server is there");
        }
        since.elapsed()
    };
    lab.contender((lab.named("ping"), 1), 1, open, work)
}

/// A stream that one group reads.
#[derive(Clone)]
struct Stream {
    body: Arc<[u8]>,
    connection: MultiplexedConnection,
}

impl Stream {
    async fn new(ground: &Redis) -> Self {
        let mut connection = connect(&ground.emptied().await).await;
        let created = connection.xgroup_create_mkstream(STREAM, "g", 0).await;
        created.expect("the stream is new");
        Self { body: envelope().await.into(), connection }
    }
}

impl Store for Stream {
    async fn add(&self, events: usize) {
        let mut connection = self.connection.clone();
        if events == 1 {
            let added = connection.xadd(STREAM, "*", &[("b", &*self.body)]).await;
            added.expect("the server is there");
        } else {
            let mut commands = ::redis::Pipeline::with_capacity(events);
            for _ in 0..events {
                commands.xadd(STREAM, "*", &[("b", &*self.body)]).ignore();
            }
            commands.exec_async(&mut connection).await.expect("the server is there");
        }
    }
}

impl Drain for Stream {
    async fn drain(&self, events: usize) {
        // Waiting holds up whoever shares a connection: this one is not shared.
        let (mut connection, mut left) = (self.connection.clone(), events);
        let options = StreamReadOptions::default().group("g", "c").count(AT_A_TIME);
        while left > 0 {
            let read = connection.xread_options(&[STREAM], &[">"], &options).await;
            let StreamReadReply { keys } = read.expect("the server is there").unwrap_or_default();
            let entries: Vec<_> = keys.iter().flat_map(|key| &key.ids).collect();
            for entry in &entries {
                assert!(
                    matches!(&entry.map["b"], Value::BulkString(bytes) if bytes.len() == self.body.len())
                );
            }
            if entries.is_empty() {
                tokio::task::yield_now().await;
                continue;
            }
            let ids: Vec<_> = entries.iter().map(|entry| &*entry.id).collect();
            left -= connection.xack(STREAM, "g", &ids).await.expect("the server is there");
        }
    }
}
