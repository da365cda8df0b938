use pyventus::{on, once};

#[on("order.placed")]
#[once("order.paid")]
fn handler() {}

fn main() {}
