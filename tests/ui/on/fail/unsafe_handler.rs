use pyventus::on;

#[on("order.placed")]
unsafe fn handler() {}

fn main() {}
