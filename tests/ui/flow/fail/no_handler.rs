use pyventus::on;

#[on("order.placed")]
mod flow {
    pub fn handle() {}

    #[on_success]
    fn succeeded() {}
}

fn main() {
    flow::handle();
}
