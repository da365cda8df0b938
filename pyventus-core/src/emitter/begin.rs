//! The beginning of an emission, on the stack of the code that emits.

use std::sync::Arc;

use crate::args::Args;
use crate::capabilities::Capability;
use crate::context::Identity;
use crate::emission::in_place::{self, Deeper, Failed};
use crate::emitted::sealed;
use crate::handle::{EmissionHandle, EmitError};
use crate::handler::drop_contained;
use crate::key::{EmptyEventName, Lookup};
#[cfg(feature = "metrics")]
use crate::meter;
use crate::outcome::Endings;
use crate::registry::{Chosen, Index, List, Position, Registry};
use crate::sync::Loaded;
use crate::view::{Needs, View};

use super::EventEmitter;

impl EventEmitter {
    #[inline]
    pub(super) fn start<E: sealed::IntoEvent>(&self, event: E, args: Option<Arc<Args>>) -> EmissionHandle {
        let lookup = event.lookup();
        // Every declared handler is in its place from here on.
        let registry = self.route.linker.registry();
        if args.is_none() && self.is_unheard(registry, &lookup) {
            drop_looked_at(event);
            return EmissionHandle::unanswered();
        }
        // A handle is made where it stays: to move one takes longer than to make it.
        let mut begun = Begun::new();
        if let Some(index) = self.begin(&lookup, &event, args.as_deref(), &mut begun) {
            drop_looked_at(event);
            return EmissionHandle::succeeded(begun.chosen(index));
        }
        let handle = match begun.rest {
            Some(Rest::Chosen(list)) => return self.submit_event(event.into_event(), args, list),
            Some(Rest::Settled(handle)) => handle,
            None => {
                #[cfg(feature = "testing")]
                if let Some(witness) = self.route.backend.witness() {
                    witness.unanswered(event.into_event(), args);
                    return EmissionHandle::unanswered();
                }
                EmissionHandle::unanswered()
            }
        };
        drop_looked_at(event);
        handle
    }

    /// Whether nobody answers, nobody is told, and both are known.
    #[inline]
    fn is_unheard(&self, registry: &Registry, lookup: &Lookup<'_>) -> bool {
        self.route.ways.is_quiet && registry.is_unanswered(lookup) && !self.is_observed()
    }

    /// Runs the handlers where they only look at the event, or says what else is to be done. Where
    /// every one of them has succeeded, it returns the index that has them.
    ///
    /// What is here is the shortest way; everything that is not on it is elsewhere, since every
    /// value that is kept for later shows.
    fn begin(
        &self,
        lookup: &Lookup<'_>,
        event: &dyn sealed::Emitted,
        args: Option<&Args>,
        begun: &mut Begun,
    ) -> Option<Loaded<Index>> {
        let route = &*self.route;
        if route.ways.is_plain
            && !matches!(lookup, Lookup::Text(""))
            && args.is_none_or(|args| args.refused().is_none())
            && let Some(index) = route.linker.unfilled().current()
            && let Some((position, list)) = index.find(lookup)
            && !list.is_empty()
            && only_looks(list, event)
            && !self.is_observed()
            && let Some(_deeper) = Deeper::try_enter()
        {
            begun.position = position;
            let identity = Identity::default();
            let view = View::borrowing(event, args, route, &identity);
            let mut next = 0;
            let endings = match list.calls() {
                Some(calls) => match in_place::call(&view, calls, &mut next) {
                    Ok(()) => return Some(index),
                    Err(error) => in_place::go_on(&view, list, Failed { next, error }),
                },
                None => in_place::run(&view, list, false),
            };
            if endings.is_empty() {
                return Some(index);
            }
            begun.end_with(list, endings);
            return None;
        }
        self.begin_otherwise(lookup, event, args, begun);
        None
    }

    /// As [`begin`](Self::begin), on the longer way.
    #[inline(never)]
    fn begin_otherwise(
        &self,
        lookup: &Lookup<'_>,
        event: &dyn sealed::Emitted,
        args: Option<&Args>,
        begun: &mut Begun,
    ) {
        if let Some(refused) = refuse(lookup, args) {
            begun.rest = Some(Rest::Settled(refused));
            return;
        }
        let route = &*self.route;
        #[cfg(feature = "metrics")]
        meter::emitted(lookup, route.backend.name());
        if route.capabilities.has(Capability::Elsewhere) {
            begun.rest = Some(Rest::Chosen(Arc::default()));
            return;
        }
        let chosen = route.linker.registry().take(lookup);
        let list = &*chosen;
        if list.is_empty() {
            self.log_unanswered(lookup);
            #[cfg(feature = "metrics")]
            meter::unanswered(lookup);
        } else if route.ways.in_place
            && only_looks(list, event)
            && let Some(_deeper) = Deeper::try_enter()
        {
            let identity = Identity::default();
            let view = View::borrowing(event, args, route, &identity);
            let endings = if self.is_observed() {
                self.run_observed(&view, list)
            } else {
                in_place::run(&view, list, route.timed)
            };
            if endings.is_empty() {
                begun.rest = Some(Rest::Settled(EmissionHandle::succeeded(chosen)));
            } else {
                begun.end_with(list, endings);
            }
        } else {
            begun.rest = Some(Rest::Chosen(chosen.share()));
        }
    }
}

/// How far an emission has come, and what is to be done with it.
struct Begun {
    /// Where the handlers are that have all succeeded.
    position: Position,
    /// What is left, where it is anything else; nothing, where nobody answers.
    rest: Option<Rest>,
}

/// What is left of an emission.
enum Rest {
    /// Nothing: it has ended, or was refused.
    Settled(EmissionHandle),
    /// Those handlers are to run.
    Chosen(Arc<List>),
}

impl Begun {
    #[inline]
    const fn new() -> Self {
        Self { position: Position::NOWHERE, rest: None }
    }

    /// The handlers, which have all succeeded.
    #[inline]
    fn chosen(self, index: Loaded<Index>) -> Chosen {
        // There is nothing left in that case.
        std::mem::forget(self.rest);
        Chosen::indexed(index, self.position)
    }

    /// Every handler has ended.
    #[cold]
    fn end_with(&mut self, list: &List, endings: Endings) {
        self.rest = Some(Rest::Settled(EmissionHandle::ended(endings.report(list.origins()))));
    }
}

/// Whether the handlers do no more than to look at an event that is the caller's still.
#[inline]
fn only_looks(list: &List, event: &dyn sealed::Emitted) -> bool {
    list.needs() == Needs::Borrows || list.needs() == Needs::Object && event.shares()
}

/// Drops an event that nobody took.
#[inline]
fn drop_looked_at<E>(event: E) {
    if std::mem::needs_drop::<E>() {
        drop_contained(event);
    }
}

/// Refuses what cannot be looked up, and what cannot be passed on.
#[inline]
fn refuse(lookup: &Lookup<'_>, args: Option<&Args>) -> Option<EmissionHandle> {
    if let Lookup::Text("") = lookup {
        return Some(EmissionHandle::refused("", EmptyEventName));
    }
    let reason = args?.refused()?.to_owned();
    let error = EmitError::Arguments { event: lookup.name().to_owned(), reason };
    Some(EmissionHandle::refused(lookup.name(), error))
}
