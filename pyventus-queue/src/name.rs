//! What queues, groups, consumers and keys are called.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

/// The most bytes a name has.
const LONGEST: usize = 100;

/// A name that brokers would not take.
///
/// A name has 1 to 100 characters, each an ASCII letter, an ASCII digit, or one of `.`, `_` and `-`:
/// every broker can use it as it is, as a part of a key or of a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// The name is empty.
    #[error("the name of a {kind} cannot be empty")]
    #[non_exhaustive]
    Empty {
        /// What was to be named.
        kind: &'static str,
    },
    /// The name is too long.
    #[error("the name of a {kind} has at most {LONGEST} characters, not {length}")]
    #[non_exhaustive]
    TooLong {
        /// What was to be named.
        kind: &'static str,
        /// How many bytes the name has.
        length: usize,
    },
    /// The name has a character that no name has.
    #[error("the name of a {kind} has letters, digits, `.`, `_` and `-` of ASCII, not {character:?}")]
    #[non_exhaustive]
    Character {
        /// What was to be named.
        kind: &'static str,
        /// The first character that is not allowed.
        character: char,
    },
}

fn check(kind: &'static str, name: &str) -> Result<(), InvalidName> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || ".-_".contains(character);
    if name.is_empty() {
        Err(InvalidName::Empty { kind })
    } else if name.len() > LONGEST {
        Err(InvalidName::TooLong { kind, length: name.len() })
    } else if let Some(character) = name.chars().find(|character| !allowed(*character)) {
        Err(InvalidName::Character { kind, character })
    } else {
        Ok(())
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $kind:literal;)+) => {$(
        $(#[$doc])*
        ///
        /// It is cheap to clone; [`InvalidName`] says what it may consist of.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks a name.
            ///
            /// # Errors
            ///
            /// The name is empty, too long, or has a character that no name has.
            pub fn new(name: impl AsRef<str>) -> Result<Self, InvalidName> {
                let name = name.as_ref();
                check($kind, name)?;
                Ok(Self(name.into()))
            }

            /// Returns the name as a text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(name: &str) -> Result<Self, InvalidName> {
                Self::new(name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )+};
}

names! {
    /// The name of a queue: what is published to, and what groups read.
    ///
    /// # Examples
    ///
    /// ```
    /// use pyventus_queue::QueueName;
    ///
    /// assert_eq!(QueueName::new("orders-2.eu")?.as_str(), "orders-2.eu");
    /// assert!(QueueName::new("orders of today").is_err());
    /// # Ok::<(), pyventus_queue::InvalidName>(())
    /// ```
    QueueName: "queue";
    /// The name of a group: the workers that share one set of events, of one service mostly.
    GroupName: "group";
    /// The name of one consumer of a group: of a worker process, mostly.
    ConsumerName: "consumer";
    /// The name of a key that envelopes are signed with.
    KeyId: "key";
}

impl Default for QueueName {
    /// Returns `events`.
    fn default() -> Self {
        Self("events".into())
    }
}

impl Default for GroupName {
    /// Returns `default`.
    fn default() -> Self {
        Self("default".into())
    }
}
