use pyventus::on;

#[on("order.placed")]
mod flow {
    #[on_event]
    pub fn first() {}

    #[on_event]
    pub fn second() {}
}

fn main() {
    flow::first();
    flow::second();
}
