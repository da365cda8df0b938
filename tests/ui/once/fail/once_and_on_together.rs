use pyventus::{on, once};

#[once("order.placed")]
#[on("order.paid")]
fn handler() {}

fn main() {}
