use pyventus::{EventEmitter, InlineBackend};

struct Placed;

fn main() {
    let emitter = EventEmitter::new(InlineBackend::new());
    emitter.emit(Placed);
    emitter.emit(7);
    emitter.emit(std::io::Error::other("disk"));
    emitter.emit_error("disk");
}
