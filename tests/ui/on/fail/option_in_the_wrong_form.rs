use pyventus::{EventLinker, on};

static ORDERS: EventLinker = EventLinker::namespace("orders");

#[on("order.placed")]
fn other() {}

#[on("order.placed", before = other)]
fn before() {}

#[on("order.placed", after())]
fn after() {}

#[on("order.placed", linker(ORDERS))]
fn linker() {}

#[on("order.placed", priority)]
fn priority() {}

#[on("order.placed", blocking = true)]
fn blocking() {}

fn main() {}
