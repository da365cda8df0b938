//! The laws that every broker keeps, held by `MemoryBroker`, and those of workers over it.

use pyventus_queue::MemoryBroker;
use pyventus_queue::conformance::Fixture;

struct Memory(MemoryBroker);

impl Fixture for Memory {
    type Broker = MemoryBroker;

    async fn connect(&self) -> MemoryBroker {
        self.0.clone()
    }
}

fn open() -> Memory {
    Memory(MemoryBroker::new(100_000).max_payload(1 << 20))
}

mod broker {
    pyventus_queue::broker_laws!(super::open);
}

mod worker {
    pyventus_queue::worker_laws!(super::open);
}
