use pyventus::on;

#[on("order.placed")]
struct Handler;

fn main() {
    let _ = Handler;
}
