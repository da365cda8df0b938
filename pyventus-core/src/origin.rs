//! Where a handler was written.

use std::fmt;

/// Where a handler was written: its path, its file and its line.
///
/// Displays as `path (file:line)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    #[doc(hidden)]
    pub module: &'static str,
    #[doc(hidden)]
    pub file: &'static str,
    #[doc(hidden)]
    pub line: u32,
    #[doc(hidden)]
    pub column: u32,
    #[doc(hidden)]
    pub name: &'static str,
}

impl Origin {
    /// Returns the crate that the handler was written in.
    #[must_use]
    pub fn krate(&self) -> &'static str {
        self.module.split(':').next().unwrap_or(self.module)
    }

    /// Returns the path of the module that the handler stands in.
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.module
    }

    /// Returns the name of the function, or the type of the closure.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the whole path of the handler.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}::{}", self.module, self.name)
    }

    /// Returns the source file.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// Returns the line in the source file.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// What places in source are ordered by.
    pub(crate) fn place(&self) -> (&'static str, &'static str, u32, u32) {
        (self.krate(), self.file, self.line, self.column)
    }

    /// A closure that was subscribed at run time; its place is that of the subscribing call.
    #[track_caller]
    pub(crate) fn of_closure<F>() -> Self {
        let place = std::panic::Location::caller();
        let name = std::any::type_name::<F>();
        // A closure is called `path::to::function::{{closure}}`.
        // One character is found sooner than two, and there is no single colon in a path.
        let (module, name) = match name.rfind(':') {
            Some(colon) => (&name[..colon - 1], &name[colon + 1..]),
            None => ("", name),
        };
        Self { module, name, file: place.file(), line: place.line(), column: place.column() }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{} ({}:{})", self.module, self.name, self.file, self.line)
    }
}
