use pyventus::{on_failure, on_success};

#[on_success]
fn succeeded() {}

#[on_failure()]
fn failed() {}

fn main() {
    succeeded();
    failed();
}
