use pyventus::Event;

#[derive(Event)]
#[event(crate = events::pyventus)]
struct Placed;

fn main() {}
