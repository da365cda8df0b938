use pyventus::on;

#[on("order.placed")]
fn handler() -> std::vec::IntoIter<u8> {
    vec![1].into_iter()
}

fn main() {}
