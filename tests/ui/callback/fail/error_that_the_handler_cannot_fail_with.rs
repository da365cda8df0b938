use pyventus::{on, on_failure};

#[on("order.placed")]
fn handler() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[on_failure(handler)]
fn failed(error: &std::io::Error) {
    let _ = error;
}

#[on_failure(handler)]
async fn asynchronous(error: &std::io::Error) {
    let _ = error;
}

fn main() {}
