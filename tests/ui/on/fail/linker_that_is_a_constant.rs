use pyventus::{EventLinker, on};

const ORDERS: EventLinker = EventLinker::namespace("orders");

#[on("order.placed", linker = ORDERS)]
fn handler() {}

fn main() {}
