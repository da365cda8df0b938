use pyventus::{Event, EventEmitter, EventLinker, InlineBackend, on};

static ORDERS: EventLinker = EventLinker::namespace("orders");

#[derive(Event)]
struct Placed;

#[on("order.paid", Placed, error(std::io::Error), linker = ORDERS, priority = -1, after(second))]
fn first() {}

#[on(.., linker = ORDERS)]
async fn second() {}

#[on(event(..), error(..), linker = ORDERS, before(first), crate = ::pyventus)]
fn third() {}

fn main() {
    let emitter = EventEmitter::builder(InlineBackend::new()).linker(&ORDERS).build();
    assert_eq!(emitter.emit("order.paid").wait().unwrap().succeeded(), 3);
    assert_eq!(emitter.emit(Placed).wait().unwrap().succeeded(), 3);
    assert_eq!(emitter.emit_error(std::io::Error::other("disk")).wait().unwrap().succeeded(), 3);
}
