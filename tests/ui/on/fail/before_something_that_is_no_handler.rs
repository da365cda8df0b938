use pyventus::{Event, on};

fn plain() {}

#[derive(Event)]
struct Placed;

#[on("order.placed", before(plain))]
fn function() {}

#[on("order.placed", after(Placed))]
fn ty() {}

#[on("order.placed", after(plian))]
fn missing() {}

fn main() {}
