//! The end of a server: what it took is finished, or counted.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use pyventus_axum::{BackendClosed, Emitter, WouldDeadlock};
use pyventus_core::{Context, EmitError};
use tokio::sync::mpsc;

use crate::server::{PATIENCE, on, on_both, runtimes};
use crate::site::{Site, in_turn};

#[test]
fn a_graceful_shutdown_finishes_everything_that_was_emitted() {
    on_both(async || {
        let site = Site::new();
        let gate = site.link_gate("slow");
        site.link(&["next"]);
        let server = site.serve(Router::new().route("/", site.emits(&["slow", "next"]))).await;
        for _ in 0..3 {
            server.get("/").await;
        }
        server.stop().await;
        assert_eq!(site.layer.task_count(), 6);

        gate.add_permits(3);
        assert_eq!(site.layer.close(PATIENCE).await.unwrap().cut, 0);
        assert_eq!(site.layer.task_count(), 0);
        site.assert_ran(6).await;
    });
}

#[test]
fn a_request_under_way_is_served_and_its_emissions_are_run() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let (keep, (reach, mut reached)) = (site.keeper(), mpsc::unbounded_channel());
        let route = get(async move |Emitter(emitter): Emitter| {
            let (answer, answered) = tokio::sync::oneshot::channel();
            reach.send(answer).unwrap();
            answered.await.unwrap();
            keep(emitter.emit("seen"));
            "the answer"
        });
        let server = site.serve(Router::new().route("/", route)).await;
        let mut client = server.connect().await;
        let (response, ()) = tokio::join!(client.get("/"), async {
            let answer: tokio::sync::oneshot::Sender<()> = reached.recv().await.unwrap();
            let stop = server.stop();
            answer.send(()).unwrap();
            stop.await;
        });
        assert_eq!(response.1, "the answer");
        assert_eq!(site.layer.close(PATIENCE).await.unwrap().cut, 0);
        site.assert_ran(1).await;
    });
}

#[test]
fn closing_cuts_at_the_deadline_what_runs_what_waits_and_what_waits_for_a_response() {
    on_both(async || {
        let site = Site::new();
        let _gate = site.link_gate("slow");
        site.link(&["next"]);
        let (keep, (reach, mut reached)) = (site.keeper(), mpsc::unbounded_channel());
        let never = get(async move |Emitter(emitter): Emitter| {
            keep(emitter.emit("next"));
            reach.send(()).unwrap();
            std::future::pending::<()>().await;
        });
        let routes = Router::new().route("/", site.emits(&["slow", "next"])).route("/never", never);
        let server = site.serve(routes).await;
        server.get("/").await;
        let mut client = server.connect().await;
        let mut waits = std::pin::pin!(client.get("/never"));
        tokio::select! {
            response = &mut waits => panic!("{response:?}"),
            () = async { reached.recv().await.unwrap() } => {}
        }

        assert_eq!(site.layer.close(Duration::ZERO).await.unwrap().cut, 3);
        for _ in 0..3 {
            assert!(matches!(site.handle().await.await, Err(EmitError::Cancelled)));
        }
        assert!(!site.log().contains(&"next starts".into()));
        assert_eq!(site.layer.close(Duration::ZERO).await.unwrap().cut, 0);
    });
}

// M12
#[test]
fn what_is_emitted_after_a_close_is_given_back() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let server = site.serve(Router::new().route("/", site.emits(&["seen"]))).await;
        site.layer.close(PATIENCE).await.unwrap();
        assert_eq!(server.get("/").await.1, "the answer");
        match site.handle().await.await {
            Err(EmitError::Submit(error)) => {
                assert!(error.reason().is::<BackendClosed>());
                error.into_emission().unwrap().run().await;
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(site.log(), in_turn(&["seen"]));
    });
}

// S24
#[test]
fn a_handler_that_waits_for_its_own_layer_is_told_that_it_cannot() {
    on_both(async || {
        let site = Site::new();
        let layer = site.layer.clone();
        let asynchronous = move || {
            let layer = layer.clone();
            async move {
                assert_eq!(layer.wait().await, Err(WouldDeadlock));
                assert_eq!(layer.close(PATIENCE).await, Err(WouldDeadlock));
            }
        };
        let layer = site.layer.clone();
        let blocking = move || {
            let runtime = tokio::runtime::Handle::current();
            assert_eq!(runtime.block_on(layer.wait()), Err(WouldDeadlock));
        };
        site.linker.subscribe("blocking").blocking().handler(blocking).unwrap();
        site.linker.subscribe("asynchronous").handler(asynchronous).unwrap();
        let server = site.serve(Router::new().route("/", site.emits(&["blocking", "asynchronous"]))).await;
        server.get("/").await;
        site.assert_ran(2).await;
        // Outside of a handler it may be waited for, and is closed by now.
        site.layer.wait().await.unwrap();
        server.get("/").await;
        assert!(matches!(site.handle().await.await, Err(EmitError::Submit(_))));
        assert!(matches!(site.handle().await.await, Err(EmitError::Submit(_))));
    });
}

#[test]
fn a_wait_includes_what_is_emitted_meanwhile() {
    on_both(async || {
        let site = Site::new();
        let gate = site.link_gate("slow");
        site.link(&["nested"]);
        let outer = |context: Context| async move {
            context.emitter().emit("slow").await?;
            context.emitter().emit("nested");
            anyhow::Ok(())
        };
        site.linker.subscribe("outer").handler(outer).unwrap();
        let server = site.serve(Router::new().route("/", site.emits(&["outer"]))).await;
        server.get("/").await;
        let (waited, ()) = tokio::join!(site.layer.wait(), async { gate.add_permits(1) });
        waited.unwrap();
        assert_eq!(site.log(), in_turn(&["slow", "nested"]));
    });
}

#[test]
fn a_runtime_that_ends_cancels_what_it_was_to_run() {
    for runtime in runtimes() {
        let site = Site::new();
        let _gate = site.link_gate("slow");
        site.link(&["next"]);
        on(&runtime, async {
            let server = site.serve(Router::new().route("/", site.emits(&["slow", "next"]))).await;
            server.get("/").await;
        });
        drop(runtime);
        assert_eq!(site.layer.task_count(), 0);
        let [other, _] = runtimes();
        on(&other, async {
            for _ in 0..2 {
                assert!(matches!(site.handle().await.await, Err(EmitError::Cancelled)));
            }
        });
    }
}

#[test]
fn nothing_is_left_of_requests_that_have_ended() {
    on_both(async || {
        let mut site = Site::new();
        let value = std::sync::Arc::new(());
        site.layer = site.layer.state(std::sync::Arc::clone(&value));
        site.link(&["seen"]);
        let failing = get(async |Emitter(emitter): Emitter| {
            emitter.emit("seen");
            hyper::StatusCode::NOT_FOUND
        });
        let routes = Router::new().route("/", site.emits(&["seen", "seen"])).route("/failing", failing);
        let server = site.serve(routes).await;
        for path in ["/", "/failing", "/"] {
            server.get(path).await;
        }
        server.stop().await;
        site.layer.close(PATIENCE).await.unwrap();
        site.assert_ran(4).await;
        // Each emitter had a clone; that of the layer is left.
        while std::sync::Arc::strong_count(&value) > 2 {
            tokio::task::yield_now().await;
        }
    });
}
