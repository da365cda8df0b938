use pyventus::on;

#[on("order.placed")]
mod flow {
    #[on_event]
    fn handle() {}

    #[on_success]
    #[on_failure]
    fn ended() {}
}

fn main() {}
