use pyventus::{on, on_failure};

#[on("order.placed")]
fn handler() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[on_failure(handler)]
fn failed(error: std::fmt::Error) {
    let _ = error;
}

fn main() {}
