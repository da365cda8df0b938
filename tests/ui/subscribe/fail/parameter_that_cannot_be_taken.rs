use pyventus::EventLinker;

fn main() {
    let linker = EventLinker::new();
    let _ = linker.subscribe("order.placed").handler(|n: u32| drop(n));
}
