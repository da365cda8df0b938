//! The arguments of an emission: what is passed along beside, or instead of, an event object.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Positional and named arguments, as serde values; made by [`args!`](crate::args).
///
/// # Examples
///
/// ```
/// use pyventus_core::args;
///
/// let args = args!["Pyventus", formal = true];
/// assert_eq!(args.len(), 2);
/// ```
#[derive(Clone, Default)]
pub struct Args {
    positional: Vec<Value>,
    named: Vec<(Cow<'static, str>, Value)>,
    refused: Option<String>,
}

impl Args {
    /// Returns no arguments.
    #[must_use]
    pub const fn new() -> Self {
        Self { positional: Vec::new(), named: Vec::new(), refused: None }
    }

    /// Appends a positional argument.
    #[must_use]
    pub fn with(mut self, value: impl Serialize) -> Self {
        let label = format!("argument {}", self.positional.len() + 1);
        if let Some(value) = self.value(&label, value) {
            self.positional.push(value);
        }
        self
    }

    /// Adds a named argument; a name given twice keeps the last value.
    #[must_use]
    pub fn with_named(mut self, name: impl Into<Cow<'static, str>>, value: impl Serialize) -> Self {
        let mut name = name.into();
        if let Some(plain) = name.strip_prefix("r#") {
            name = Cow::Owned(plain.to_owned());
        }
        if let Some(value) = self.value(&format!("argument `{name}`"), value) {
            self.named.retain(|(known, _)| *known != name);
            self.named.push((name, value));
        }
        self
    }

    /// Returns the number of arguments.
    #[must_use]
    pub fn len(&self) -> usize {
        self.positional.len() + self.named.len()
    }

    /// Returns whether there are no arguments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the positional arguments in order.
    #[must_use]
    pub fn positional(&self) -> &[Value] {
        &self.positional
    }

    /// Returns the argument of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.named.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Returns the named arguments with their names, in the order they were given.
    pub fn named_iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.named.iter().map(|(name, value)| (&**name, value))
    }

    /// The first value that serde could not turn into an argument, and why.
    pub(crate) fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    fn value(&mut self, label: &str, value: impl Serialize) -> Option<Value> {
        match serde_json::to_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refused.get_or_insert_with(|| format!("{label}: {error}"));
                None
            }
        }
    }
}

impl fmt::Debug for Args {
    /// Shows how many arguments there are and their names, never their values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Args")
            .field("positional", &self.positional.len())
            .field("named", &self.named.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Makes [`Args`]: values in order, then `name = value` pairs, in any mix.
///
/// Each value is anything that implements `serde::Serialize`. A value that serde refuses makes
/// the emission an error; nothing runs.
///
/// # Examples
///
/// ```
/// use pyventus_core::args;
///
/// assert!(args![].is_empty());
/// assert_eq!(args!["Pyventus", 3].positional().len(), 2);
/// assert_eq!(args!["Pyventus", formal = true].named("formal"), Some(&true.into()));
/// ```
#[macro_export]
macro_rules! args {
    (@to $args:expr;) => { $args };
    (@to $args:expr; $name:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::args!(@to $args.with_named(::core::stringify!($name), $value); $($($rest)*)?)
    };
    (@to $args:expr; $value:expr $(, $($rest:tt)*)?) => {
        $crate::args!(@to $args.with($value); $($($rest)*)?)
    };
    ($($args:tt)*) => { $crate::args!(@to $crate::Args::new(); $($args)*) };
}
