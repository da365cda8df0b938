use pyventus::{Event, on};

#[derive(Event)]
struct Placed;

#[on(event(Placed))]
fn handler() {}

#[on(event())]
fn nothing() {}

fn main() {}
