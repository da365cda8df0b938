//! Channels whose every receiver gets every event: sent and received on one thread.

use std::sync::Arc;

use eventador::Eventador;
use tokio::sync::broadcast;

use crate::event::{OrderPlaced, answer};
use crate::sample::Contender;

pub(super) fn contenders(n: usize) -> Vec<Contender> {
    vec![tokio_broadcast(n), eventador(n)]
}

fn tokio_broadcast(n: usize) -> Contender {
    Contender::new("peer_tokio_broadcast", n, move || {
        let (sender, receiver) = broadcast::channel(16);
        let mut receivers: Vec<_> = (0..n).map(|_| receiver.resubscribe()).collect();
        let event = OrderPlaced::shared();
        move || {
            sender.send(Arc::clone(&event)).expect("there are receivers");
            for receiver in &mut receivers {
                answer(&receiver.try_recv().expect("the event was sent"));
            }
        }
    })
}

fn eventador(n: usize) -> Contender {
    Contender::new("peer_eventador", n, move || {
        let bus = Eventador::new(16).expect("the capacity is a power of two");
        let subscribers: Vec<_> = (0..n).map(|_| bus.subscribe::<Arc<OrderPlaced>>()).collect();
        let event = OrderPlaced::shared();
        move || {
            bus.publish(Arc::clone(&event));
            for subscriber in &subscribers {
                answer(&subscriber.recv());
            }
        }
    })
}
