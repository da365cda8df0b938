use pyventus::on;

#[on("order.placed", priority = 1, priority = 2)]
fn handler() {}

fn main() {}
