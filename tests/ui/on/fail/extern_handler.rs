use pyventus::on;

#[on("order.placed")]
extern "C" fn handler() {}

fn main() {}
