use pyventus::Event;

#[derive(Event)]
#[event(name = "order.placed", name = "order.paid")]
struct Placed;

fn main() {}
