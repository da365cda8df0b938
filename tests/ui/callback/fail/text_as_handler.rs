use pyventus::{on, on_success};

#[on("order.placed")]
fn send_email() {}

#[on_success("send_email")]
fn succeeded() {}

#[on_success(send_email, priority = 1)]
fn with_an_option() {}

fn main() {}
