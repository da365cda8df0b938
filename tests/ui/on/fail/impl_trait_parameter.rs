use pyventus::on;

#[on("order.placed")]
fn handler(text: impl Into<String>) {
    drop(text.into());
}

fn main() {}
