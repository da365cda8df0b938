use pyventus::on;

#[on("order.placed")]
fn handler(_: ...) {}

fn main() {}
