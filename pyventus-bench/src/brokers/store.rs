//! What stores events: brokers, and the least that does so.

use pyventus::EventEmitter;
use pyventus::queue::{Broker, Bytes, Message, MessageId};

use super::parcel::{ParcelSent, emitter, envelope, join, queue};

/// Something that stores events. A clone is the same.
pub(super) trait Store: Clone + Send + Sync + 'static {
    /// Stores so many events together.
    fn add(&self, events: usize) -> impl Future<Output = ()> + Send;
}

/// Something that also hands them out, and is told that they are done.
pub(super) trait Drain: Store {
    /// Takes so many events away, a hundred at a time.
    fn drain(&self, events: usize) -> impl Future<Output = ()> + Send;
}

/// A broker, to which envelopes are published that are ready.
#[derive(Clone)]
pub(super) struct Published<B> {
    broker: B,
    body: Bytes,
}

impl<B: Broker> Published<B> {
    pub(super) async fn to(broker: B) -> Self {
        join(&broker).await;
        Self { broker, body: envelope().await.into() }
    }
}

impl<B: Broker> Store for Published<B> {
    async fn add(&self, events: usize) {
        let message = |_| Message::new(MessageId::new(), self.body.clone());
        let messages = (0..events).map(message).collect();
        self.broker.publish(&queue(), messages).await.expect("the broker is there, and has space");
    }
}

/// An emitter whose events are published.
#[derive(Clone)]
pub(super) struct Emitted(EventEmitter);

impl Emitted {
    pub(super) async fn to<B: Broker>(broker: B) -> Self {
        join(&broker).await;
        let emitted = Self(emitter(broker));
        // The thread that publishes starts with the first event.
        emitted.add(1).await;
        emitted
    }
}

impl Store for Emitted {
    async fn add(&self, events: usize) {
        let emitted: Vec<_> = (0..events).map(|_| self.0.emit(ParcelSent::now())).collect();
        for handle in emitted {
            handle.await.expect("the broker is there, and has space");
        }
    }
}
