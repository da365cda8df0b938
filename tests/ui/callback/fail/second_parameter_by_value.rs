use pyventus::{on, on_success};

#[on("order.placed")]
fn handler() -> String {
    String::new()
}

#[on_success(handler)]
fn succeeded(value: String, again: String) {
    let _ = (value, again);
}

#[on_success(handler)]
fn by_reference(value: &String, again: String) {
    let _ = (value, again);
}

fn main() {}
