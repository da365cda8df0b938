use pyventus::EventLinker;

fn main() {
    let linker = EventLinker::new();
    let _ = linker.subscribe("order.placed").on_success(|n: u32| drop(n)).handler(|| String::new());
}
