use std::convert::Infallible;
use std::sync::Arc;

use pyventus::{Context, Event, EventEmitter, EventLinker, InlineBackend, key};

#[derive(Event)]
struct Placed(u32);

struct Receipt(u32);

fn by_reference(event: &Placed, _: Context) -> Result<u32, std::fmt::Error> {
    Ok(event.0)
}

fn main() -> Result<(), pyventus::SubscribeError> {
    let linker = EventLinker::new();
    linker
        .subscribe(("order.paid", key::<Placed>()))
        .on_success(|n: u32| assert_eq!(n, 7))
        .on_failure(|error: &anyhow::Error| assert_eq!(error.to_string(), "never"))
        .handler(by_reference)?;
    linker
        .subscribe(key::<Placed>())
        .once()
        .on_success(|receipt: Receipt| async move { assert_eq!(receipt.0, 7) })
        .on_failure(|error: &std::io::Error| assert_eq!(error.to_string(), "never"))
        .handler(|event: Arc<Placed>| async move { Ok::<_, Infallible>(Receipt(event.0)) })?;

    let emitter = EventEmitter::builder(InlineBackend::new()).linker(&linker).build();
    assert_eq!(emitter.emit(Placed(7)).wait().unwrap().succeeded(), 2);
    Ok(())
}
