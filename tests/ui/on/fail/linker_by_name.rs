use pyventus::on;

#[on("order.placed", linker = "orders")]
fn handler() {}

fn main() {}
