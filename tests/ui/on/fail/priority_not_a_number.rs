use pyventus::on;

#[on("order.placed", priority = "high")]
fn text() {}

#[on("order.placed", priority = 1.5)]
fn fraction() {}

#[on("order.placed", priority = 3000000000)]
fn too_big() {}

#[on("order.placed", priority = )]
fn nothing() {}

#[on("order.placed", priority = 1u8)]
fn typed() {}

fn main() {}
