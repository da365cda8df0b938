use pyventus::once;

#[once("order.placed", "")]
fn handler() {}

fn main() {}
