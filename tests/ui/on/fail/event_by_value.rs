use pyventus::{Event, on};

#[derive(Event)]
struct Placed;

#[on(Placed)]
fn handler(event: Placed) {
    drop(event);
}

fn main() {}
