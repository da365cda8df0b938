use pyventus::on;

struct Handler;

#[on("order.placed")]
impl Handler {
    fn handle() {}
}

fn main() {
    Handler::handle();
}
