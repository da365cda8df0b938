//! Where a handler was written.

use std::cmp::Ordering;
use std::fmt;
use std::panic::Location;

/// Where a handler was written: its path, its file and its line.
///
/// Displays as `path (file:line)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    path: &'static str,
    place: Place,
}

/// A place in source.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Declared(&'static Written),
    Subscribed(&'static Location<'static>),
}

/// A file, a line and a column. Attributes say those of their item: the location of its expansion would be
/// that of the attribute.
pub(crate) type Written = (&'static str, u32, u32);

/// What places in source are ordered by.
pub(crate) type InSource = (Text, Text, u32, u32);

/// A text that is compared by its address first: most handlers stand in few files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text(&'static str);

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        if std::ptr::eq(self.0, other.0) { Ordering::Equal } else { self.0.cmp(other.0) }
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Origin {
    /// An item that bears that path.
    #[doc(hidden)]
    #[must_use]
    pub const fn declared(path: &'static str, written: &'static Written) -> Self {
        Self { path, place: Place::Declared(written) }
    }

    /// A closure that was subscribed at run time; its place is that of the subscribing call.
    #[track_caller]
    pub(crate) fn of_closure<F>() -> Self {
        // A closure is called `path::to::function::{{closure}}`.
        Self { path: std::any::type_name::<F>(), place: Place::Subscribed(Location::caller()) }
    }

    /// Returns the crate that the handler was written in.
    #[must_use]
    pub fn krate(&self) -> &'static str {
        let end = self.path.bytes().position(|byte| byte == b':');
        &self.path[..end.unwrap_or(self.path.len())]
    }

    /// Returns the path of the module that the handler stands in; of the function, if it is a closure.
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.split().0
    }

    /// Returns the name of the function, or the type of the closure.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.split().1
    }

    /// Returns the whole path of the handler.
    #[must_use]
    pub fn path(&self) -> String {
        self.path.to_owned()
    }

    /// Returns the source file.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.written().0
    }

    /// Returns the line in the source file.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.written().1
    }

    fn written(&self) -> Written {
        match self.place {
            Place::Declared(written) => *written,
            Place::Subscribed(location) => (location.file(), location.line(), location.column()),
        }
    }

    /// What places in source are ordered by.
    pub(crate) fn place(&self) -> InSource {
        let (file, line, column) = self.written();
        (Text(self.krate()), Text(file), line, column)
    }

    /// The module and the name; there may be paths among the type parameters of a name.
    fn split(&self) -> (&'static str, &'static str) {
        let mut depth = 0_usize;
        let colon = self.path.bytes().enumerate().rev().find_map(|(at, byte)| match byte {
            b'>' => {
                depth += 1;
                None
            }
            b'<' => {
                depth = depth.saturating_sub(1);
                None
            }
            b':' if depth == 0 => Some(at),
            _ => None,
        });
        match colon {
            Some(colon) => (&self.path[..colon - 1], &self.path[colon + 1..]),
            None => ("", self.path),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.path, self.file(), self.line())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}
