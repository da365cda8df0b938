use pyventus::{EventEmitter, InlineBackend, args, on};

#[on("order.placed", priority = 1)]
mod flow {
    use std::num::ParseIntError;

    pub const LIMIT: u8 = 3;

    #[on_event]
    pub async fn handle(text: String) -> Result<u8, ParseIntError> {
        text.parse()
    }

    #[on_success]
    fn succeeded(n: u8) {
        assert!(n < LIMIT);
    }

    #[on_failure]
    fn of_one_type(error: &ParseIntError) {
        assert!(error.to_string().contains("digit"));
    }

    #[on_failure]
    async fn of_every_type(_: &anyhow::Error) {}
}

fn main() {
    let emitter = EventEmitter::new(InlineBackend::new());
    assert_eq!(emitter.emit_with("order.placed", args!["1"]).wait().unwrap().succeeded(), 1);
    assert_eq!(emitter.emit_with("order.placed", args!["x"]).wait().unwrap().failed(), 1);
    drop(flow::handle(String::new()));
}
