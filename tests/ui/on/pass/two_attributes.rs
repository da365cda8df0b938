use pyventus::{EventEmitter, InlineBackend, on};

#[on("order.placed", priority = 1)]
#[on("order.paid")]
fn handler() {}

fn main() {
    let emitter = EventEmitter::new(InlineBackend::new());
    assert_eq!(emitter.emit("order.placed").wait().unwrap().succeeded(), 1);
    assert_eq!(emitter.emit("order.paid").wait().unwrap().succeeded(), 1);
}
