//! The laws that every broker keeps, held by `MemoryBroker`, alone and behind an `AnyBroker`, and those of workers over it.

use pyventus_queue::conformance::Fixture;
use pyventus_queue::{AnyBroker, MemoryBroker};

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

struct Any(AnyBroker);

impl Fixture for Any {
    type Broker = AnyBroker;

    async fn connect(&self) -> AnyBroker {
        self.0.clone()
    }
}

fn open_any() -> Any {
    Any(AnyBroker::new(MemoryBroker::new(100_000).max_payload(1 << 20)))
}

mod broker {
    pyventus_queue::broker_laws!(super::open);
}

mod any {
    pyventus_queue::broker_laws!(super::open_any);
}

mod worker {
    pyventus_queue::worker_laws!(super::open);
}
