//! The laws that every broker keeps, held by `RedisBroker`, and those of workers over it: each on a server of its own.

use pyventus_queue::conformance::Fixture;
use pyventus_redis::RedisBroker;

use crate::support::Server;

struct Redis(Server);

impl Fixture for Redis {
    type Broker = RedisBroker;

    async fn connect(&self) -> RedisBroker {
        let options = RedisBroker::options().max_payload(1 << 20);
        options.connect(self.0.url()).await.expect("the server is there")
    }

    async fn restart(&self) -> bool {
        self.0.stop();
        self.0.start_again();
        true
    }
}

pyventus_queue::broker_laws!({
    let Some(server) = Server::start(&[]) else { return };
    move || Redis(server)
});
pyventus_queue::worker_laws!({
    let Some(server) = Server::start(&[]) else { return };
    move || Redis(server)
});
