use pyventus::{on_failure, on_success};

fn plain() {}

#[on_success(plain)]
fn succeeded() {}

#[on_failure(plain)]
fn failed(error: &anyhow::Error) {
    let _ = error;
}

#[on_success(plain)]
fn with_the_value(n: u32) {
    let _ = n;
}

fn main() {}
