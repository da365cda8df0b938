use pyventus::once;

#[once("order.placed")]
struct Handler;

fn main() {}
