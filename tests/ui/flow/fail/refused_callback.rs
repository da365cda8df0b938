use pyventus::on;

#[on("order.placed")]
mod flow {
    #[on_event]
    pub fn handle() {}

    #[on_failure]
    fn failed<E>(error: &E) {
        let _ = error;
    }
}

fn main() {
    flow::handle();
}
