use pyventus::{on, on_success};

#[on("order.placed")]
fn handler() -> anyhow::Result<String> {
    Ok(String::new())
}

#[on_success(handler)]
fn succeeded(n: &u32) {
    let _ = n;
}

#[on_success(handler)]
async fn asynchronous(n: &u32) {
    let _ = n;
}

fn main() {}
