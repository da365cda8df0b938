//! Declared handlers in linkers of one's own.

use pyventus::{EventLinker, SubscribeError, on, on_failure, on_success};

use crate::{Recorder, emitter_of};

static NOWHERE: EventLinker = EventLinker::namespace("register.nowhere");
static RAN: Recorder = Recorder::new();

#[on("register", linker = NOWHERE)]
fn ship(fails: bool) -> anyhow::Result<u8> {
    anyhow::ensure!(!fails, "no");
    Ok(1)
}

#[on_success(ship)]
fn shipped(value: &u8) {
    RAN.push(format!("success {value}"));
}

#[on_failure(ship)]
fn not_shipped(error: &anyhow::Error) {
    RAN.push(format!("failure {error}"));
}

#[pyventus::once("register", linker = NOWHERE)]
mod flow {
    #[on_event]
    pub(crate) fn handle() {}

    #[on_success]
    async fn done() {
        super::RAN.push("flow");
    }
}

#[test]
fn a_declared_handler_is_registered_in_a_linker_of_its_own_with_its_callbacks_and_options() {
    let linker = EventLinker::new();
    let shipping = linker.register::<ship>().unwrap();
    let once = linker.register::<flow::handle>().unwrap();
    assert!(once.is_once() && shipping.to_string().contains("register::ship ("), "{shipping}");
    let emit = |fails: bool| {
        emitter_of(&linker).emit_with("register", pyventus::args![fails]);
        RAN.take()
    };
    assert_eq!(emit(false), ["success 1", "flow"]);
    assert_eq!(emit(true), ["failure no"]);
    assert_eq!(NOWHERE.handler_count(), 2, "the linker that the attributes name has its own");

    let again = linker.register::<ship>().unwrap_err();
    assert!(matches!(again, SubscribeError::AlreadyLinked { handler } if handler.name() == "ship"));
    assert!(shipping.unsubscribe());
    assert!(linker.register::<ship>().is_ok());
}
