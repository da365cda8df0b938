use pyventus::Event;

#[derive(Event)]
#[event(name = "")]
struct Placed;

fn main() {}
