use pyventus::EventEmitter;

struct Nowhere;

fn main() {
    let _ = EventEmitter::new(Nowhere);
}
