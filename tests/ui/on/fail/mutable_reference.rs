use pyventus::{Event, on};

#[derive(Event)]
struct Placed {
    id: u64,
}

#[on(Placed)]
fn handler(event: &mut Placed) {
    event.id += 1;
}

fn main() {}
