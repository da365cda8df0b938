//! The same commands over a Redis server.

use pyventus::redis::RedisBroker;

use crate::process::Place;
use crate::shop::{block_on, place_orders_at};
use crate::support::Server;

#[test]
fn what_is_kept_by_a_server_is_handled_listed_replayed_and_removed() {
    let Some(server) = Server::start(&[]) else { return };
    let place = Place::at(server.url());
    block_on(async {
        let broker = RedisBroker::connect(server.url()).await.unwrap();
        place_orders_at(&broker, &["good", "stolen", "stolen"]).await;
    });
    // Nobody has received anything yet.
    let stats = place.json(&["stats", "--json"]);
    assert_eq!((&stats[0]["queue"], &stats[0]["retained"]), (&"events".into(), &3.into()));

    let printed = place.work("stolen", &[]);
    assert!(printed.ends_with("accepted=3 succeeded=1 dead=2 dropped=0 pending=0\n"), "{printed}");
    let letters = place.json(&["dead", "list", "--json"]);
    let id = letters[0]["id"].as_str().unwrap();
    assert!(place.printed(&["dead", "show", id, "--payload"]).contains("stolen"));
    assert_eq!(place.printed(&["dead", "replay", id]), "1 dead letter was replayed\n");
    let printed = place.work("nothing", &[]);
    assert!(printed.ends_with("accepted=3 succeeded=2 dead=1 dropped=0 pending=0\n"), "{printed}");
    assert_eq!(place.printed(&["dead", "drop", "--all", "--yes"]), "1 dead letter was dropped\n");

    let printed = place.printed(&["group", "remove", "--queue", "events", "--group", "billing", "--yes"]);
    assert!(printed.ends_with("accepted=3 succeeded=2 dead=0 dropped=1 pending=0\n"), "{printed}");
    assert_eq!(place.printed(&["stats"]), "there is no queue\n");
}
