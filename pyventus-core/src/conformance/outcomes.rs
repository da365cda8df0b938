//! How handlers end is reported and answered.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{BindError, Context, HandlerPanic, State};

use super::Fixture;
use super::ground::{Ground, pause};

/// Success, failure, a panic before and after a handler has waited, a parameter that cannot be bound,
/// and callbacks that fail and panic: each handler has its outcome and runs its own callback, and none
/// disturbs another.
///
/// # Panics
///
/// The backend breaks the law.
pub fn every_outcome_is_reported_and_answered<F: Fixture>(open: impl FnOnce() -> F) {
    let ground = Ground::new(open());
    let answers = Answers::default();
    let link = || ground.linker.subscribe("e");

    let (success, failure) = (answers.clone(), answers.clone());
    let linked = [
        link().on_success(move |value: u32| success.push(&value)).handler(|| async {
            pause().await;
            7_u32
        }),
        link()
            .on_failure(move |error: &io::Error| failure.push(error))
            .handler(|| Err::<(), _>(io::Error::other("disk"))),
        link()
            .on_failure(answers.panic())
            .handler(|context: Context| assert!(context.event_name().is_empty(), "at once")),
        link().on_failure(answers.panic()).handler(|context: Context| async move {
            pause().await;
            assert!(context.event_name().is_empty(), "later");
        }),
        link().on_failure(answers.bind()).handler(|_: State<Absent>| ()),
        link().on_success(|| -> () { panic!("in a callback") }).handler(|| ()),
        link().on_success(|| Err::<(), _>(io::Error::other("in a callback"))).handler(|| ()),
    ];
    assert!(linked.iter().all(Result::is_ok), "the linker has no limit");

    let report = ground.report("e");
    let succeeded: Vec<_> = report.outcomes().iter().map(crate::Outcome::is_success).collect();
    assert_eq!(succeeded, [true, false, false, false, false, true, true], "{report:?}");
    assert!(report.outcomes()[1].error().is_some_and(anyhow::Error::is::<io::Error>), "{report:?}");
    assert!(report.outcomes()[2].error().is_some_and(anyhow::Error::is::<HandlerPanic>), "{report:?}");
    assert!(report.outcomes()[3].error().is_some_and(anyhow::Error::is::<HandlerPanic>), "{report:?}");
    assert!(report.outcomes()[4].error().is_some_and(anyhow::Error::is::<BindError>), "{report:?}");

    let mut answers = answers.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    answers.sort_unstable();
    assert_eq!(answers, ["7", "at once", "disk", "later", "unbound"]);
    // The backend has survived all of it.
    assert_eq!(ground.report("e").outcomes().len(), 7);
}

/// A value that no emitter was given.
#[derive(Debug)]
struct Absent;

#[derive(Clone, Default)]
struct Answers(Arc<Mutex<Vec<String>>>);

impl Answers {
    fn push(&self, answer: &dyn ToString) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(answer.to_string());
    }

    fn panic(&self) -> impl Fn(&HandlerPanic) + Send + Sync + 'static {
        let answers = self.clone();
        move |panic| answers.push(&panic.message())
    }

    fn bind(&self) -> impl Fn(&BindError) + Send + Sync + 'static {
        let answers = self.clone();
        move |_| answers.push(&"unbound")
    }
}
