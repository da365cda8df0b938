//! What can be emitted by its type, and the name it bears.

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

    /// Returns the name of the event.
    fn name(&self) -> &'static str {
        Self::NAME
    }
}

/// The name of a type without the path that leads to it; arguments of generics stay whole.
pub(crate) fn short_type_name<T: ?Sized>() -> &'static str {
    let full = std::any::type_name::<T>();
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
