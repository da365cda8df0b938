use pyventus::on;

const PLACED: &str = "order.placed";

#[on(PLACED)]
fn handler() {}

fn main() {}
