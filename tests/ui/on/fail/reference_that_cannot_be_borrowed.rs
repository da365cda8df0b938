use pyventus::on;

#[on("order.placed")]
fn handler(items: &[u8]) {
    let _ = items;
}

fn main() {}
