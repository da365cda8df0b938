//! What it costs the server that somebody waits.

use std::time::Duration;

use pyventus_queue::{
    Broker, ConsumerName, GroupName, Message, MessageId, QueueName, Settlement, Subscription,
};
use pyventus_redis::RedisBroker;
use tokio::runtime::Builder;

use crate::support::Server;

const EVENTS: usize = 50;

/// How many scripts the server has run.
async fn scripts(url: &str) -> usize {
    let client = redis::Client::open(url).expect("it is an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("the server is there");
    let info: String = redis::cmd("INFO")
        .arg("commandstats")
        .query_async(&mut connection)
        .await
        .expect("the server is there");
    let line = info.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="));
    let calls = line.and_then(|line| line.split(',').next()).expect("it has run some");
    calls.parse().expect("it is a number")
}

/// Each is settled by a script, and the end of its lease may be noted by another one; nobody looks for more in between.
#[test]
fn events_that_come_one_by_one_are_waited_for_without_looking_for_more() {
    let Some(server) = Server::start(&[]) else { return };
    Builder::new_current_thread().enable_all().build().expect("a runtime starts").block_on(async {
        let broker = RedisBroker::connect(server.url()).await.expect("the server is there");
        let consumer = ConsumerName::new("worker").expect("it is a name");
        let subscription = Subscription::new(QueueName::default(), GroupName::default(), consumer);
        let receive = async |wait| {
            let received = broker.receive(&subscription, 100, Duration::from_mins(1), wait).await;
            received.expect("the server is there")
        };
        assert!(receive(Duration::from_millis(1)).await.is_empty());
        let before = scripts(&server.url()).await;
        for _ in 0..EVENTS {
            let message = Message::new(MessageId::new(), "an envelope");
            broker.publish(&QueueName::default(), vec![message]).await.expect("the server is there");
            let settlements: Vec<_> = receive(Duration::from_mins(1))
                .await
                .into_iter()
                .map(|delivery| Settlement::done(delivery.receipt))
                .collect();
            assert_eq!(settlements.len(), 1);
            let settled = broker.settle(settlements).await.expect("the server is there");
            assert_eq!(settled, [pyventus_queue::Settled::Applied]);
        }
        let took = scripts(&server.url()).await - before;
        assert!((EVENTS..5 * EVENTS / 2).contains(&took), "{took} scripts for {EVENTS} events");
    });
}
