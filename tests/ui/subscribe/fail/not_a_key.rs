use pyventus::EventLinker;

struct Placed;

fn main() {
    let linker = EventLinker::new();
    let _ = linker.subscribe(7).handler(|| {});
    let _ = linker.subscribe(Placed).handler(|| {});
    let _ = linker.subscribe(pyventus::key::<Placed>()).handler(|| {});
}
