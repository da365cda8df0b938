use pyventus::on;

#[on("order.placed" "order.paid")]
fn handler() {}

fn main() {}
