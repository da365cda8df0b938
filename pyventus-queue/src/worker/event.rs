//! One event, from its lease to its settlement.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyventus_core::RemoteEmission;
use tracing::{Instrument as _, Span};

use crate::broker::Broker;
use crate::current::within;
use crate::delivery::{Delivery, Next, Receipt, Settlement};
#[cfg(not(feature = "opentelemetry"))]
use crate::envelope::TraceParent;
use crate::letter::{DeadReason, Letter};
use crate::meter::Ending;
use crate::progress::{HandlerProgress, Progress};

use super::attempt::{Ground, Verdict, resume};
use super::course::Course;
use super::leases::Lease;
use super::read::{Read, Unreadable, describe, moment, poisonous, read};
use super::settler::Order;
use super::shared::Shared;

/// Handles an event and settles it.
pub(super) async fn carry_out<B: Broker>(shared: Arc<Shared<B>>, delivery: Delivery) {
    let _in_flight = shared.meter.in_flight();
    let lease = shared.leases.hold(delivery.receipt.clone());
    let order = tokio::select! {
        biased;
        () = lease.lost() => None,
        order = decide(&shared, &delivery, &lease) => Some(order),
    };
    let Some(order) = order else {
        shared.handle.tally.lost.add(1);
        shared.meter.ended(Ending::Lost);
        tracing::warn!(target: "pyventus", source = "Worker", message = %delivery.message.id(), "another worker has taken the event over");
        return;
    };
    // What is being settled is not stuck, and waits for the broker alone.
    lease.within(None);
    shared.settle(order, &delivery).await;
}

/// What is to become of an event.
async fn decide<B: Broker>(shared: &Shared<B>, delivery: &Delivery, lease: &Lease) -> Order {
    let receipt = || delivery.receipt.clone();
    let slot = tokio::select! {
        biased;
        () = shared.handle.stopping.cancelled() => None,
        slot = shared.slots.acquire() => slot.ok(),
    };
    if slot.is_none() {
        return Order::Release(receipt());
    }
    if shared.options.is_poisonous(delivery.deaths) {
        return quarantine(receipt(), poisonous(delivery));
    }
    match read(&shared.options, shared.subscription.queue(), delivery) {
        Ok(read) => {
            let span = span(shared, &read);
            let started = Instant::now();
            let order = handle(shared, receipt(), read, lease).instrument(span.clone()).await;
            span.record("outcome", outcome(&order));
            shared.pace.measured(started.elapsed());
            order
        }
        Err(Unreadable::Dead(letter)) => quarantine(receipt(), *letter),
        Err(Unreadable::Skipped(unknown)) => {
            tracing::debug!(target: "pyventus", source = "Worker", "an event is skipped: {unknown}");
            Order::Settle(Settlement::done(receipt()))
        }
    }
}

/// Gives an event up as a whole.
fn quarantine(receipt: Receipt, letter: Letter) -> Order {
    let error = letter.history.first().map(|attempt| &*attempt.error).unwrap_or_default();
    tracing::error!(target: "pyventus", source = "Worker", "an event is put into quarantine, since {}: {error}", letter.reason);
    Order::Settle(Settlement::done(receipt).with_letter(letter))
}

/// The span of all that is done for an event.
fn span<B: Broker>(shared: &Shared<B>, read: &Read) -> Span {
    let span = tracing::info_span!(
        target: "pyventus",
        parent: None,
        "emission",
        event = read.name,
        emission = %read.id,
        queue = &**shared.subscription.queue(),
        group = &**shared.subscription.group(),
        traceparent = read.trace_parent.as_ref().map(tracing::field::display),
        outcome = tracing::field::Empty,
    );
    if let Some(trace_parent) = &read.trace_parent {
        match &shared.options.link {
            Some(link) => link(&span, trace_parent),
            None => tie(&span, trace_parent),
        }
    }
    span
}

#[cfg(feature = "opentelemetry")]
use crate::otel::link as tie;

/// How spans are tied together, is known to the tracing library of the program alone.
#[cfg(not(feature = "opentelemetry"))]
const fn tie(_: &Span, _: &TraceParent) {}

/// How the handling of an event has ended, in one word.
fn outcome(order: &Order) -> &'static str {
    match order {
        Order::Release(_) => "released",
        Order::Settle(Settlement { next: Next::Again { .. }, .. }) => "again",
        Order::Settle(settlement) if settlement.letters.is_empty() => "success",
        Order::Settle(_) => "failure",
    }
}

/// The handlers of an event, as far as they are left.
#[derive(Default)]
struct Plan {
    run: Vec<(usize, HandlerProgress)>,
    /// Those whose time has not come.
    later: Vec<HandlerProgress>,
    letters: Vec<Letter>,
}

/// Runs the handlers that are left and due.
async fn handle<B: Broker>(shared: &Shared<B>, receipt: Receipt, read: Read, lease: &Lease) -> Order {
    let Read { event, name, trace_parent, progress, .. } = read;
    let emission = match &progress {
        None => shared.emitter.receive(event),
        Some(progress) => {
            let is_left = |key: &str| progress.handlers().iter().any(|handler| handler.handler == key);
            shared.emitter.receive_again(event, is_left)
        }
    };
    let Plan { run, later, letters } = plan(&emission, progress.as_ref());
    if run.is_empty() && letters.is_empty() {
        tracing::warn!(target: "pyventus", source = "Worker", event = name, "nobody answers the event");
    }
    let trace_parent = trace_parent.as_ref();
    let (options, tally) = (&shared.options, &*shared.handle.tally);
    let ground = Ground { emission: &emission, options, tally, meter: &shared.meter, trace_parent };
    lease.within(time_for(ground, &run, options.lease));
    let mut course = Course::new();
    for (handler, progress) in run {
        course.add(progress.clone(), ground.run(handler, progress));
    }
    let is_cut = tokio::select! {
        biased;
        () = within(trace_parent.cloned(), course.drive()) => false,
        () = shared.handle.cut.cancelled() => true,
    };
    let (verdicts, has_ended) = course.end();
    if is_cut && !has_ended && letters.is_empty() {
        return Order::Release(receipt);
    }
    settlement(receipt, verdicts, later, letters)
}

/// Finds the handlers that are left.
fn plan(emission: &RemoteEmission, progress: Option<&Progress>) -> Plan {
    let handlers = emission.handlers();
    let mut plan = Plan::default();
    let Some(progress) = progress else {
        let fresh = |(index, handler): (usize, &pyventus_core::RemoteHandler)| {
            (index, HandlerProgress::fresh(&handler.key))
        };
        plan.run = handlers.iter().enumerate().map(fresh).collect();
        return plan;
    };
    let moment = moment(progress);
    for left in progress.handlers() {
        let found = handlers.iter().position(|handler| handler.key == left.handler);
        match found {
            Some(index) if left.due <= moment => plan.run.push((index, left.clone())),
            Some(_) => plan.later.push(left.clone()),
            None => match gone(left) {
                Ok(letter) => plan.letters.push(letter),
                Err(later) => plan.later.push(later),
            },
        }
    }
    // They start in their order, whatever the order is that they were left in.
    plan.run.sort_unstable_by_key(|(index, _)| *index);
    plan
}

/// A handler that this program does not have.
fn gone(left: &HandlerProgress) -> Result<Letter, HandlerProgress> {
    tracing::error!(target: "pyventus", source = "Worker", handler = left.handler, "the handler is not there any more, and is given up for the event");
    let resume = resume(&left.handler).map_err(|_| left.clone())?;
    let letter = Letter::of_handler(DeadReason::HandlerGone, &left.handler, resume);
    Ok(letter.with_history(left.attempts, left.history.clone()))
}

/// The time after which handlers are stuck, that their timeouts could not end: with as much for their callbacks.
fn time_for(ground: Ground<'_>, run: &[(usize, HandlerProgress)], lease: Duration) -> Option<Duration> {
    let mut longest = Duration::ZERO;
    for (handler, _) in run {
        // One that is tried again here takes as long as that takes.
        let limit = ground.limit(*handler).filter(|_| !ground.emission.handlers()[*handler].once)?;
        longest = longest.max(limit);
    }
    Some(longest.saturating_mul(2).saturating_add(lease))
}

/// What became of the handlers, for the broker.
fn settlement(
    receipt: Receipt,
    verdicts: Vec<Verdict>,
    mut left: Vec<HandlerProgress>,
    mut letters: Vec<Letter>,
) -> Order {
    for verdict in verdicts {
        match verdict {
            Verdict::Done => {}
            Verdict::Again(progress) => left.push(progress),
            Verdict::Dead(letter) => letters.push(letter),
        }
    }
    let progress = Progress::new(left);
    let settlement = match progress.due() {
        None => Ok(Settlement::done(receipt.clone())),
        Some(at) => progress.encode().map(|progress| Settlement::again(receipt.clone(), at, Some(progress))),
    };
    match settlement {
        Ok(settlement) => Order::Settle(letters.into_iter().fold(settlement, Settlement::with_letter)),
        Err(error) => {
            tracing::error!(target: "pyventus", source = "Worker", "an event is handed back: {}", describe(&error));
            Order::Release(receipt)
        }
    }
}
