//! The libraries that do the same, with the same handlers and a payload that is as cheap to share.

mod signals;
mod worlds;
mod buses;
mod channels;
mod tasks;

use crate::sample::Contender;

pub(crate) use signals::signals2_on_threads;
pub(crate) use tasks::{async_contenders, sync_contenders};

/// Those that run synchronous handlers on the thread that emits.
pub(crate) fn inline(n: usize) -> Vec<Contender> {
    let peers =
        [signals::contenders(n), worlds::contenders(n), buses::contenders(n), channels::contenders(n)];
    let over = |peer: Contender| peer.over("dyn_loop").beside("typed_inline");
    peers.into_iter().flatten().map(over).collect()
}
