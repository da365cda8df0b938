use pyventus::EventLinker;

fn main() {
    let linker = EventLinker::new();
    let _ = linker.subscribe("order.placed").handler(7);
}
