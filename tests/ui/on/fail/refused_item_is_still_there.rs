use pyventus::{on, on_failure, on_success};

#[on("")]
fn handler(n: u32) -> anyhow::Result<u32> {
    Ok(n)
}

#[on("order.placed", after(handler))]
fn later() {}

#[on_success(handler)]
fn succeeded(n: u32) {
    let _ = n;
}

#[on_failure(handler)]
fn failed(error: &anyhow::Error) {
    let _ = error;
}

#[on("order.placed")]
fn refused<T>(value: T) -> T {
    value
}

#[on_success(refused)]
fn of_refused(value: &str) {
    let _ = value;
}

fn main() {
    let _ = handler(refused(1));
    succeeded(1);
}
