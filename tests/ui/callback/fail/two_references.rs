use pyventus::{on, on_failure, on_success};

#[on("order.placed")]
fn handler() -> anyhow::Result<String> {
    Ok(String::new())
}

#[on_success(handler)]
fn succeeded(value: &String, again: &String) {
    let _ = (value, again);
}

#[on_failure(handler)]
fn failed(error: &anyhow::Error, again: &anyhow::Error) {
    let _ = (error, again);
}

fn main() {}
