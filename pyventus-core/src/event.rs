//! What can be emitted by its type, and the name it bears.

use std::sync::atomic::{AtomicU32, Ordering};

/// A type whose values say what happened.
///
/// Derive it on a struct or an enum; the name of the type becomes the name of the event, and
/// `#[event(name = "...")]` gives it another one. Implement it by hand only where a derive is
/// not possible.
///
/// Handlers are chosen by the Rust type, not by the name: two types that bear the same name do
/// not receive each other's values. The name is what a text key such as `#[on("OrderPlaced")]`
/// is compared with.
///
/// # Examples
///
/// ```
/// use pyventus_core::Event;
///
/// struct OrderPlaced {
///     id: u64,
/// }
///
/// impl Event for OrderPlaced {
///     const NAME: &'static str = "order.placed";
/// }
///
/// assert_eq!(OrderPlaced { id: 7 }.name(), "order.placed");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "not an event",
    note = "derive it on a struct or an enum: `#[derive(pyventus::Event)]`",
    note = "an error is emitted with `emit_error(..)` and answered with `#[on(error(Type))]`"
)]
pub trait Event: Send + Sync + 'static {
    /// The name of the event.
    const NAME: &'static str;

    /// The place of the type in the lists of every linker; a derive gives it one.
    #[doc(hidden)]
    #[must_use]
    fn slot() -> Option<&'static Slot> {
        None
    }

    /// Returns the name of the event.
    fn name(&self) -> &'static str {
        Self::NAME
    }
}

/// A number for a type of event, by which linkers find its handlers without a search.
#[derive(Debug)]
pub struct Slot(AtomicU32);

/// How many numbers were given out.
static TAKEN: AtomicU32 = AtomicU32::new(0);

impl Slot {
    /// A slot without a number.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    pub const fn new() -> Self {
        Self(AtomicU32::new(u32::MAX))
    }

    /// The number, given out the first time that it is asked for.
    #[inline]
    pub(crate) fn number(&self) -> usize {
        match self.0.load(Ordering::Relaxed) {
            u32::MAX => self.take(),
            number => number as usize,
        }
    }

    #[cold]
    fn take(&self) -> usize {
        let number = TAKEN.fetch_add(1, Ordering::Relaxed);
        // Another thread may have been faster; a number that is lost costs an empty place.
        match self.0.compare_exchange(u32::MAX, number, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => number as usize,
            Err(other) => other as usize,
        }
    }

    /// A bound of all numbers that were given out.
    pub(crate) fn taken() -> usize {
        TAKEN.load(Ordering::Relaxed) as usize
    }
}

/// The name of a type without the path that leads to it; arguments of generics stay whole.
pub(crate) fn short_type_name<T: ?Sized>() -> &'static str {
    without_path(std::any::type_name::<T>())
}

/// As [`short_type_name`], of the full name of a type.
pub(crate) fn without_path(full: &'static str) -> &'static str {
    let path = full.split('<').next().unwrap_or(full);
    let start = path.rfind("::").map_or(0, |colons| colons + 2);
    &full[start..]
}

#[cfg(test)]
mod tests {
    use super::short_type_name;

    #[test]
    fn a_short_type_name_drops_the_path_and_keeps_the_arguments() {
        assert_eq!(short_type_name::<std::io::Error>(), "Error");
        assert_eq!(short_type_name::<Vec<std::io::Error>>(), "Vec<std::io::error::Error>");
        assert_eq!(short_type_name::<u8>(), "u8");
    }
}
