use pyventus::{on, on_success};

#[on("order.placed")]
fn handler() {}

#[on_success(handler)]
fn succeeded() -> Result<(), String> {
    Ok(())
}

fn main() {}
