//! What the handlers of an emission are bound from: its parts, owned or borrowed.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use crate::args::Args;
use crate::context::{Context, EmissionId, Identity, Source};
use crate::emitted::{Carrier, EmittedEvent};
use crate::object::Object;

/// How much of an emission a handler may ask for, from the least to the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// What can be borrowed while the handler runs.
    #[default]
    Borrows,
    /// A share of the event object.
    Object,
    /// The whole [`Context`], with the identity of the emission and its time.
    Context,
}

impl Needs {
    /// The greater of both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

/// The parts of an emission, owned: they may go to another thread, and be kept.
pub(crate) struct Parts {
    pub(crate) event: EmittedEvent,
    pub(crate) args: Option<Arc<Args>>,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) identity: Identity,
    /// Which attempt of a handler it is for; the first is 1.
    attempt: u32,
    context: OnceLock<Box<Context>>,
}

impl Parts {
    pub(crate) fn new(event: EmittedEvent, args: Option<Arc<Args>>, source: Arc<dyn Source>) -> Self {
        Self { event, args, source, identity: Identity::default(), attempt: 1, context: OnceLock::new() }
    }

    /// The parts of an emission whose identity is known.
    pub(crate) fn identified(self, id: EmissionId, timestamp: SystemTime) -> Self {
        Self { identity: Identity::from((id, timestamp)), ..self }
    }

    /// The same for a further attempt of a handler.
    pub(crate) fn attempt(&self, attempt: u32) -> Self {
        Self {
            event: self.event.clone(),
            args: self.args.clone(),
            source: Arc::clone(&self.source),
            identity: Identity::from(self.identity.get()),
            attempt,
            context: OnceLock::new(),
        }
    }

    /// The parts of an emission of which only the context is left.
    pub(crate) fn of(context: Context) -> Self {
        Self {
            event: context.event.clone(),
            args: context.args.clone(),
            source: Arc::clone(&context.source),
            identity: Identity::from((context.id, context.timestamp)),
            attempt: context.attempt,
            context: OnceLock::from(Box::new(context)),
        }
    }

    /// The context, made the first time it is asked for.
    pub(crate) fn context(&self) -> &Context {
        self.context.get_or_init(|| {
            let (id, timestamp) = self.identity.get();
            Box::new(Context {
                event: self.event.clone(),
                args: self.args.clone(),
                id,
                timestamp,
                attempt: self.attempt,
                source: Arc::clone(&self.source),
            })
        })
    }

    pub(crate) fn view(&self) -> View<'_> {
        View {
            event: &self.event,
            object: self.event.object(),
            args: self.args.as_deref(),
            source: &*self.source,
            identity: &self.identity,
            parts: Some(self),
        }
    }
}

/// What the handlers of an emission are bound from.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub(crate) event: &'a dyn Carrier,
    /// The object of the event, asked for once.
    pub(crate) object: Option<Object<'a>>,
    pub(crate) args: Option<&'a Args>,
    pub(crate) source: &'a dyn Source,
    pub(crate) identity: &'a Identity,
    /// Absent where no handler was chosen that needs more than what can be borrowed.
    parts: Option<&'a Parts>,
}

impl<'a> View<'a> {
    /// A view of what is the caller's, for handlers that need no [`Context`]; and no share of the
    /// object, unless the event can be shared as it is.
    #[inline]
    pub(crate) fn borrowing(
        event: &'a dyn Carrier,
        args: Option<&'a Args>,
        source: &'a dyn Source,
        identity: &'a Identity,
    ) -> Self {
        Self { event, object: event.object(), args, source, identity, parts: None }
    }

    /// The context, to be cloned by who keeps it.
    pub(crate) fn context(&self) -> &'a Context {
        self.parts.expect("who takes the context says that it needs it").context()
    }

    pub(crate) fn args(&self) -> &'a Args {
        static NONE: Args = Args::new();
        self.args.unwrap_or(&NONE)
    }

    /// The object, if it is of that type.
    #[inline]
    pub(crate) fn object<T: 'static>(&self) -> Option<&'a T> {
        self.object?.downcast_ref()
    }

    /// The object to be kept, if it is of that type.
    #[inline]
    pub(crate) fn shared_object<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.event.share()?.downcast().ok()
    }
}

impl std::fmt::Debug for View<'_> {
    /// Shows what the emission is about, never its payload.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("event", &self.event.name()).finish_non_exhaustive()
    }
}
