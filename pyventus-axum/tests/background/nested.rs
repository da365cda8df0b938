//! What handlers emit on the emitter of their own request.

use axum::Router;
use axum::routing::get;
use pyventus_axum::Emitter;
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

#[test]
fn a_route_that_waits_for_what_it_emits_is_told_that_it_would_wait_for_ever() {
    async fn awaiting(Emitter(emitter): Emitter) -> String {
        emitter.emit("seen").await.unwrap_err().to_string()
    }

    async fn blocking(Emitter(emitter): Emitter) -> String {
        emitter.emit("seen").wait().unwrap_err().to_string()
    }

    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let routes = Router::new().route("/awaiting", get(awaiting)).route("/blocking", get(blocking));
        let server = site.serve(routes).await;
        for path in ["/awaiting", "/blocking"] {
            let error = server.get(path).await.1;
            let told = format!("the handler of \"GET {path}\" cannot wait here for \"seen\"");
            assert!(error.starts_with(&told), "{error}");
            // The emissions are as good as any: the routes answered. Those of two requests may run at once.
            site.layer.wait().await.unwrap();
        }
        assert_eq!(site.log(), in_turn(&["seen", "seen"]));
    });
}

#[test]
fn a_task_of_a_route_may_await_what_the_route_emits() {
    on_both(async || {
        let site = Site::new();
        site.link(&["seen"]);
        let (tell, told) = tokio::sync::oneshot::channel();
        let tell = std::sync::Arc::new(std::sync::Mutex::new(Some(tell)));
        let route = get(async move |Emitter(emitter): Emitter| {
            let (tell, seen) = (tell.lock().unwrap().take().unwrap(), emitter.emit("seen"));
            tokio::spawn(async move { tell.send(seen.await.unwrap().succeeded()) });
        });
        let server = site.serve(Router::new().route("/", route)).await;
        server.get("/").await;
        assert_eq!(told.await.unwrap(), 1);
    });
}
