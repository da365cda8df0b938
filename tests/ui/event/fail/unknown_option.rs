use pyventus::Event;

#[derive(Event)]
#[event(nam = "order.placed")]
struct Placed;

fn main() {}
