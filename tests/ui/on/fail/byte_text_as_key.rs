use pyventus::on;

#[on(b"order.placed")]
fn handler() {}

fn main() {}
