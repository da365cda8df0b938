use pyventus::EventLinker;

struct Receipt;

fn main() {
    let linker = EventLinker::new();
    let _ = linker.subscribe("order.placed").handler(|| Receipt);
}
