use pyventus::{on, on_failure};

#[on("order.placed")]
fn handler() -> anyhow::Result<()> {
    Ok(())
}

#[on_failure(handler)]
fn failed(error: &dyn std::error::Error) {
    let _ = error;
}

fn main() {}
