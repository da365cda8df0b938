use pyventus::on;

struct Handler;

impl Handler {
    #[on("order.placed")]
    fn handle() {}
}

fn main() {
    Handler::handle();
}
