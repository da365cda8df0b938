use pyventus::{on_failure, on_success};

#[on_success(String)]
fn succeeded(n: u32) {
    let _ = n;
}

#[on_failure(String)]
fn failed(error: &anyhow::Error) {
    let _ = error;
}

fn main() {}
