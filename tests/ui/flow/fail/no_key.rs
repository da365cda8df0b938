use pyventus::on;

#[on]
mod flow {
    #[on_event]
    pub fn handle() {}

    #[on_success]
    fn succeeded() {}
}

fn main() {
    flow::handle();
}
