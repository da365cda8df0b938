//! What handlers emit on the emitter of their own request.

use axum::Router;
use pyventus_core::{Context, EmitError};

use crate::server::on_both;
use crate::site::{Site, in_turn};

// S14
#[test]
fn what_a_handler_emits_runs_before_what_waits_in_the_order_it_was_emitted() {
    on_both(async || {
        let site = Site::new();
        site.link(&["nested 1", "nested 2", "later"]);
        site.linker
            .subscribe("outer")
            .handler(|context: Context| {
                context.emitter().emit("nested 1");
                context.emitter().emit("nested 2");
            })
            .unwrap();
        let server = site.serve(Router::new().route("/", site.emits(&["outer", "later"]))).await;
        server.get("/").await;
        site.assert_ran(2).await;
        assert_eq!(site.log(), in_turn(&["nested 1", "nested 2", "later"]));
    });
}

#[test]
fn a_handler_may_await_what_it_emits() {
    on_both(async || {
        let site = Site::new();
        for (event, next) in [("outer", "middle"), ("middle", "inner")] {
            site.linker
                .subscribe(event)
                .handler(move |context: Context| async move {
                    let report = context.emitter().emit(next).await?;
                    anyhow::ensure!(report.succeeded() == 1, "{report:?}");
                    Ok(())
                })
                .unwrap();
        }
        site.link(&["inner"]);
        let server = site.serve(Router::new().route("/", site.emits(&["outer"]))).await;
        server.get("/").await;
        site.assert_ran(1).await;
        assert_eq!(site.log(), in_turn(&["inner"]));
    });
}

#[test]
fn a_blocking_handler_may_wait_for_what_it_emits_and_another_one_is_told_that_it_cannot() {
    on_both(async || {
        let site = Site::new();
        site.link(&["inner"]);
        let blocking = |context: Context| {
            let report = context.emitter().emit("inner").wait()?;
            anyhow::ensure!(report.succeeded() == 1, "{report:?}");
            Ok(())
        };
        site.linker.subscribe("blocking").blocking().handler(blocking).unwrap();
        let refused = |context: Context| match context.emitter().emit("inner").wait() {
            Err(EmitError::WouldDeadlock { .. }) => Ok(()),
            other => anyhow::bail!("{other:?}"),
        };
        site.linker.subscribe("refused").handler(refused).unwrap();
        let server = site.serve(Router::new().route("/", site.emits(&["blocking", "refused"]))).await;
        server.get("/").await;
        site.assert_ran(2).await;
    });
}

#[test]
fn what_nobody_awaits_is_a_part_of_its_emission_and_is_waited_for() {
    on_both(async || {
        let site = Site::new();
        let gate = site.link_gate("nested");
        site.link(&["next"]);
        let outer = |context: Context| drop(context.emitter().emit("nested"));
        site.linker.subscribe("outer").handler(outer).unwrap();
        let server = site.serve(Router::new().route("/", site.emits(&["outer", "next"]))).await;
        server.get("/").await;
        site.assert_ran(1).await;
        assert_eq!(site.layer.task_count(), 3);

        gate.add_permits(1);
        site.layer.wait().await.unwrap();
        assert_eq!(site.log(), in_turn(&["nested", "next"]));
    });
}
