use pyventus::EventLinker;

fn main() {
    let linker = EventLinker::new();
    let _ = linker.subscribe("order.placed").on_failure(|error: &String| drop(error.clone())).handler(|| {});
}
