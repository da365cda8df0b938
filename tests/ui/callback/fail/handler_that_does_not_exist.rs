use pyventus::{on, on_success};

#[on("order.placed")]
fn send_email() {}

#[on_success(sned_email)]
fn succeeded() {}

fn main() {}
