//! The backend without a server: whoever holds the drain says what becomes of the emissions.

use std::pin::pin;

use futures::executor::block_on;
use pyventus_axum::{BackgroundTasks, RouteFailed};
use pyventus_core::{EmitError, EventEmitter};
use tokio::runtime::TryCurrentError;

use crate::server::on_both;
use crate::site::{Site, in_turn};

fn emitter(tasks: &BackgroundTasks, site: &Site) -> EventEmitter {
    tasks.emitter_builder().linker(&site.linker).build()
}

/// The reason for which an emission was refused.
fn refused<E: std::error::Error + Copy + Send + Sync + 'static>(error: EmitError) -> E {
    match error {
        EmitError::Submit(error) => *error.reason().downcast_ref().unwrap(),
        other => panic!("{other:?}"),
    }
}

// F2 F3
#[test]
fn a_drain_runs_what_was_emitted_in_order() {
    on_both(async || {
        let site = Site::new();
        site.link(&["1", "2"]);
        let (tasks, drain) = BackgroundTasks::new();
        let handles = [emitter(&tasks, &site).emit("2"), emitter(&tasks, &site).emit("1")];
        tokio::task::yield_now().await;
        assert_eq!(site.log(), [""; 0]);
        drain.run().await;
        assert_eq!(site.log(), in_turn(&["2", "1"]));
        for handle in handles {
            assert_eq!(handle.await.unwrap().succeeded(), 1);
        }
        assert_eq!(emitter(&tasks, &site).emit("1").await.unwrap().succeeded(), 1);
    });
}

// F2
#[test]
fn a_drain_needs_no_runtime_but_what_is_emitted_behind_it_does() {
    let site = Site::new();
    site.link(&["seen"]);
    let log = site.logger();
    site.linker.subscribe("seen").blocking().handler(move || log("in place".into())).unwrap();
    site.linker.subscribe("late").handler(|| ()).unwrap();
    let (tasks, drain) = BackgroundTasks::new();
    let handle = emitter(&tasks, &site).emit("late");
    block_on(drain.run());
    assert_eq!(block_on(handle).unwrap().succeeded(), 1);

    let late = block_on(emitter(&tasks, &site).emit("late")).unwrap_err();
    let EmitError::Submit(late) = late else { panic!("{late:?}") };
    assert!(late.reason().downcast_ref::<TryCurrentError>().unwrap().is_missing_context());
    assert!(late.into_emission().is_some());
}

// F4
#[test]
fn a_drain_that_is_dropped_cancels_what_was_emitted_and_refuses_the_rest() {
    let site = Site::new();
    site.link(&["seen"]);
    let (tasks, drain) = BackgroundTasks::new();
    let waits = emitter(&tasks, &site).emit("seen");
    drop(drain);
    assert!(matches!(block_on(waits), Err(EmitError::Cancelled)));
    let late = block_on(emitter(&tasks, &site).emit("seen")).unwrap_err();
    assert_eq!(refused::<RouteFailed>(late), RouteFailed::Dropped);
}

#[test]
fn a_run_that_is_dropped_cancels_what_runs_and_what_waits() {
    on_both(async || {
        let site = Site::new();
        let _gate = site.link_gate("slow");
        site.link(&["next"]);
        let (tasks, drain) = BackgroundTasks::new();
        let handles = [emitter(&tasks, &site).emit("slow"), emitter(&tasks, &site).emit("next")];
        {
            let mut run = pin!(drain.run());
            assert!(futures::poll!(&mut run).is_pending());
        }
        for handle in handles {
            assert!(matches!(handle.await, Err(EmitError::Cancelled)));
        }
        assert_eq!(site.log(), ["slow starts"]);
        // The queue is ready for what comes now.
        assert_eq!(emitter(&tasks, &site).emit("next").await.unwrap().succeeded(), 1);
    });
}

#[test]
fn nothing_is_left_of_a_request_that_has_ended() {
    let site = Site::new();
    let value = std::sync::Arc::new(());
    let held = std::sync::Arc::downgrade(&value);
    site.link(&["seen"]);
    for run in [true, false] {
        let (tasks, drain) = BackgroundTasks::new();
        let emitter =
            tasks.emitter_builder().linker(&site.linker).state(std::sync::Arc::clone(&value)).build();
        emitter.emit("seen");
        drop((tasks, emitter));
        assert_eq!(held.strong_count(), 2);
        if run {
            block_on(drain.run());
        } else {
            drop(drain);
        }
        assert_eq!(held.strong_count(), 1);
    }
}
