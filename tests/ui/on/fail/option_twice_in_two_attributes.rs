use pyventus::on;

#[on("order.placed", priority = 1)]
#[on("order.paid", priority = 2)]
fn handler() {}

fn main() {}
