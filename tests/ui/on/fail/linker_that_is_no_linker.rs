use pyventus::on;

static ORDERS: u32 = 0;

#[on("order.placed", linker = ORDERS)]
fn handler() {}

fn main() {}
