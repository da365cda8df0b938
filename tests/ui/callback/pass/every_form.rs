use pyventus::{Context, EventEmitter, HandlerPanic, InlineBackend, State, on, on_failure, on_success};

#[on("order.placed")]
fn handler() -> Result<u32, std::fmt::Error> {
    Ok(1)
}

#[on_success(handler)]
fn nothing() {}

#[on_success(handler)]
fn value(n: u32, _: Context) -> Result<(), std::io::Error> {
    assert_eq!(n, 1);
    Ok(())
}

#[on_success(self::handler)]
async fn reference(State(text): State<String>, n: &u32) {
    assert_eq!(n.to_string(), *text);
}

#[on_success(handler)]
fn context_alone(_: Context) {}

#[on_failure(handler)]
fn never() {
    unreachable!();
}

#[on_failure(handler)]
async fn every(_: &anyhow::Error, _: Context) {
    unreachable!();
}

#[on_failure(handler)]
fn one(_: &std::fmt::Error, _: State<String>) {
    unreachable!();
}

#[on_failure(handler)]
fn panics(_: &HandlerPanic) {
    unreachable!();
}

fn main() {
    let emitter = EventEmitter::builder(InlineBackend::new()).state(String::from("1")).build();
    assert_eq!(emitter.emit("order.placed").wait().unwrap().succeeded(), 1);
}
