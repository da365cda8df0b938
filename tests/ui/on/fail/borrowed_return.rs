use pyventus::{Event, on};

#[derive(Event)]
struct Placed {
    id: u64,
}

#[on(Placed)]
fn handler(event: &Placed) -> &u64 {
    &event.id
}

#[on("order.placed")]
fn within(text: &str) -> Option<&str> {
    Some(text)
}

fn main() {}
