//! Signals: a list of closures each, without a look-up.

use std::convert::Infallible;
use std::sync::Arc;

use rxrust::prelude::{Local, Observable, ObservableFactory, Observer, Shared};
use signals2::{Connect1, Emit1, Signal};

use crate::event::{OrderPlaced, answer, answer_here};
use crate::sample::Contender;

pub(super) fn contenders(n: usize) -> Vec<Contender> {
    vec![signals2(n), signals2_static(n), rxrust_local(n), rxrust_shared(n)]
}

fn signal(n: usize, answer: fn(&OrderPlaced)) -> Signal<(Arc<OrderPlaced>,)> {
    let signal = Signal::new();
    for _ in 0..n {
        signal.connect(move |event: Arc<OrderPlaced>| answer(&event));
    }
    signal
}

fn signals2(n: usize) -> Contender {
    Contender::new("peer_signals2", n, move || {
        let (signal, event) = (signal(n, answer), OrderPlaced::shared());
        move || {
            signal.emit(Arc::clone(&event));
        }
    })
}

fn leaked() -> &'static OrderPlaced {
    Box::leak(Box::new(OrderPlaced::build()))
}

/// A payload that is not counted.
fn signals2_static(n: usize) -> Contender {
    Contender::new("peer_signals2_static", n, move || {
        let (signal, event) = (Signal::<(&'static OrderPlaced,)>::new(), leaked());
        for _ in 0..n {
            signal.connect(answer);
        }
        move || {
            signal.emit(event);
        }
    })
}

/// What one of several threads does that emit the same signal; each has a payload of its own.
pub(crate) fn signals2_on_threads(n: usize) -> impl Fn(&Arc<OrderPlaced>) + Sync {
    let signal = signal(n, answer_here);
    move |event| {
        signal.emit(Arc::clone(event));
    }
}

/// For one thread only.
fn rxrust_local(n: usize) -> Contender {
    Contender::new("peer_rxrust_local", n, move || {
        let (mut subject, event) = (Local::subject::<&OrderPlaced, Infallible>(), leaked());
        for _ in 0..n {
            subject.clone().subscribe(answer);
        }
        move || subject.next(event)
    })
}

fn rxrust_shared(n: usize) -> Contender {
    Contender::new("peer_rxrust_shared", n, move || {
        let (mut subject, event) = (Shared::subject::<&OrderPlaced, Infallible>(), leaked());
        for _ in 0..n {
            subject.clone().subscribe(answer);
        }
        move || subject.next(event)
    })
}
