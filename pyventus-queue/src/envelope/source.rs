//! Which program an event is from.

use std::fmt;
use std::sync::Arc;

/// Which program emitted an event: a reference in the form of a URI, relative mostly.
///
/// # Examples
///
/// ```
/// use pyventus_queue::Source;
///
/// assert_eq!(Source::new("/shop/checkout")?.as_str(), "/shop/checkout");
/// assert_eq!(Source::of_name("my shop").as_str(), "my%20shop");
/// assert!(Source::new("my shop").is_err());
/// # Ok::<(), pyventus_queue::InvalidSource>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source(Arc<str>);

/// A text that is no reference in the form of a URI.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSource {
    /// The text is empty.
    #[error("the source of an event cannot be empty")]
    Empty,
    /// The text has a character that no URI has, or a `%` that two hexadecimal digits do not follow.
    #[error(
        "the source of an event is a reference in the form of a URI, which cannot have {character:?} here"
    )]
    #[non_exhaustive]
    Character {
        /// The first such character.
        character: char,
    },
}

impl Source {
    /// Checks a reference.
    ///
    /// # Errors
    ///
    /// The text is empty, or has characters that no URI has.
    pub fn new(reference: impl Into<String>) -> Result<Self, InvalidSource> {
        let reference = reference.into();
        if reference.is_empty() {
            return Err(InvalidSource::Empty);
        }
        let bytes = reference.as_bytes();
        for (index, character) in reference.char_indices() {
            let allowed = if character == '%' {
                bytes.get(index + 1..index + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            } else {
                unreserved(character) || ":/?#[]@!$&'()*+,;=".contains(character)
            };
            if !allowed {
                return Err(InvalidSource::Character { character });
            }
        }
        Ok(Self(reference.into()))
    }

    /// Makes a reference of any name, by encoding what no URI has; an empty name becomes `-`.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        if name.is_empty() {
            return Self("-".into());
        }
        let mut reference = String::with_capacity(name.len());
        for byte in name.bytes() {
            if unreserved(char::from(byte)) {
                reference.push(char::from(byte));
            } else {
                let digit = |digit: u8| {
                    char::from_digit(u32::from(digit), 16).unwrap_or_default().to_ascii_uppercase()
                };
                reference.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
        Self(reference.into())
    }

    /// Returns the reference as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands in a URI for itself, everywhere.
fn unreserved(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~".contains(character)
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
