use pyventus::{Event, on};

#[derive(Event)]
struct Placed;

#[derive(Event)]
struct Paid;

#[derive(Event)]
struct Shipped;

#[on(Placed, Paid)]
fn handler(event: &Shipped) {
    let _ = event;
}

#[on(Placed, Paid)]
async fn asynchronous(event: &Shipped) {
    let _ = event;
}

fn main() {}
