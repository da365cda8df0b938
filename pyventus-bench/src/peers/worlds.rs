//! Entity component systems: the events of a world.

use std::sync::Arc;

use bevy_ecs::observer::On;
use evenio::event::Receiver;
use evenio::handler::IntoHandler;

use crate::event::{OrderPlaced, answer};
use crate::sample::Contender;

pub(super) fn contenders(n: usize) -> Vec<Contender> {
    vec![bevy(n), evenio(n)]
}

fn bevy(n: usize) -> Contender {
    #[derive(bevy_ecs::event::Event)]
    struct Placed(Arc<OrderPlaced>);

    Contender::new("peer_bevy_ecs", n, move || {
        let (mut world, event) = (bevy_ecs::world::World::new(), OrderPlaced::shared());
        for _ in 0..n {
            world.add_observer(|placed: On<'_, '_, Placed>| answer(&placed.0));
        }
        world.flush();
        move || world.trigger(Placed(Arc::clone(&event)))
    })
}

fn evenio(n: usize) -> Contender {
    #[derive(evenio::event::GlobalEvent)]
    struct Placed(Arc<OrderPlaced>);

    Contender::new("peer_evenio", n, move || {
        let (mut world, event) = (evenio::world::World::new(), OrderPlaced::shared());
        for _ in 0..n {
            let handler = |placed: Receiver<'_, Placed>| answer(&placed.event.0);
            // Otherwise one function is one handler, however often it is added.
            world.add_handler(handler.no_type_id());
        }
        move || world.send(Placed(Arc::clone(&event)))
    })
}
