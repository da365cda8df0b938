use pyventus::{on, on_success};

#[on("order.placed")]
fn send_email() {}

#[on_success(send_email)]
struct Succeeded;

fn main() {}
