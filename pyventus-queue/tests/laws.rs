//! The laws that every broker keeps, held by `MemoryBroker`.

use pyventus_queue::MemoryBroker;
use pyventus_queue::conformance::Fixture;

struct Memory(MemoryBroker);

impl Fixture for Memory {
    type Broker = MemoryBroker;

    async fn connect(&self) -> MemoryBroker {
        self.0.clone()
    }
}

pyventus_queue::broker_laws!(|| Memory(MemoryBroker::new(100_000).max_payload(1 << 20)));
