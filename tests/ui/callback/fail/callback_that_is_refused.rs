use pyventus::{on, on_failure, on_success};

#[on("order.placed")]
fn handler() -> String {
    String::new()
}

#[on_success(handler)]
unsafe fn succeeded() {}

#[on_success(handler)]
fn mutable(value: &mut String) {
    value.clear();
}

#[on_failure(handler)]
fn generic<E>(error: &E) {
    let _ = error;
}

fn main() {}
