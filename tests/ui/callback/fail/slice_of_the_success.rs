use pyventus::{on, on_success};

#[on("order.placed")]
fn handler() -> String {
    String::new()
}

#[on_success(handler)]
fn succeeded(text: &str) {
    let _ = text;
}

fn main() {}
