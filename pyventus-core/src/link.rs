//! Naming crates that only hold handlers.

/// Links crates that only hold handlers, so that their handlers are found.
///
/// A crate is linked where some loaded crate names it; being listed in `Cargo.toml` is not enough.
/// A crate of which nothing else is used, the library of the program's own package included, has
/// to be named by this macro, once, anywhere in the program.
///
/// # Examples
///
/// ```
/// // The crate would be one of yours.
/// pyventus_core::link!(pyventus_core);
/// ```
#[macro_export]
macro_rules! link {
    ($($krate:ident),+ $(,)?) => {
        $(use $krate as _;)+
    };
}
