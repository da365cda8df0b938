use pyventus::on;

#[on("order.placed")]
mod flow;

fn main() {}
