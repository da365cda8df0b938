use pyventus::on;

#[on("order.placed")]
mod flow {
    #[on_event("order.paid")]
    fn handle() {}

    #[on_success(handle)]
    fn succeeded() {}
}

fn main() {}
