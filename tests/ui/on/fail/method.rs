use pyventus::on;

struct Handler;

impl Handler {
    #[on("order.placed")]
    fn handle(&self) {}
}

fn main() {
    Handler.handle();
}
