use pyventus::on;

#[on("order.placed", priorty = 1)]
fn near() {}

#[on("order.placed", colour = "red")]
fn far() {}

#[on("order.placed", befor(near))]
fn group() {}

fn main() {}
