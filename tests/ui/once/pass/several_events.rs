use pyventus::{EventEmitter, InlineBackend, once};

#[once("order.placed", "order.paid")]
fn handler() {}

fn main() {
    let emitter = EventEmitter::new(InlineBackend::new());
    assert_eq!(emitter.emit("order.paid").wait().unwrap().succeeded(), 1);
    assert_eq!(emitter.emit("order.placed").wait().unwrap().succeeded(), 0);
}
