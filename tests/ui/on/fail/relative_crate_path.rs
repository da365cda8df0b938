use pyventus::on;

#[on("order.placed", crate = events::pyventus)]
fn handler() {}

fn main() {}
