use pyventus::on;

#[on("order.placed")]
mod flow {
    #[cfg(unix)]
    #[on_event]
    fn handle() {}
}

fn main() {}
