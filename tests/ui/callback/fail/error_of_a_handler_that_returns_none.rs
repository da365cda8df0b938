use pyventus::{on, on_failure};

#[on("order.placed")]
fn handler() {}

#[on_failure(handler)]
fn failed(error: &std::io::Error) {
    let _ = error;
}

fn main() {}
