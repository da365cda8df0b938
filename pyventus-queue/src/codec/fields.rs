//! The fields of an envelope in JSON, taken out one by one.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::DecodeError;

/// The most characters of a text that an error shows.
const SHOWN: usize = 40;

/// More fields than envelopes have.
const USUAL: usize = 16;

/// The fields that nobody has taken yet, by name; the values are not decoded.
pub(super) struct Fields<'a> {
    left: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Fields<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        // Once for all: values are texts, and would be checked one by one.
        let text = std::str::from_utf8(bytes).map_err(|error| DecodeError::Malformed(Box::new(error)))?;
        serde_json::from_str(text).map_err(|error| DecodeError::Malformed(Box::new(error)))
    }

    /// Takes a field, which must not be there twice.
    pub(super) fn optional(&mut self, field: &'static str) -> Result<Option<&'a RawValue>, DecodeError> {
        let place = |left: &[(Cow<'a, str>, _)]| left.iter().position(|(name, _)| name == field);
        let Some(found) = place(&self.left) else { return Ok(None) };
        let (_, value) = self.left.swap_remove(found);
        if place(&self.left).is_some() { Err(DecodeError::Repeated { field }) } else { Ok(Some(value)) }
    }

    pub(super) fn required(&mut self, field: &'static str) -> Result<&'a RawValue, DecodeError> {
        self.optional(field)?.ok_or(DecodeError::Missing { field })
    }

    /// Takes a field that is a text.
    pub(super) fn text(&mut self, field: &'static str) -> Result<Cow<'a, str>, DecodeError> {
        text(field, self.required(field)?)
    }

    /// Takes a field that is a text where it is there.
    pub(super) fn optional_text(&mut self, field: &'static str) -> Result<Option<Cow<'a, str>>, DecodeError> {
        self.optional(field)?.map(|value| text(field, value)).transpose()
    }

    /// Takes a field that says a version.
    pub(super) fn version(
        &mut self,
        field: &'static str,
        wanted: impl fmt::Display,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<(), DecodeError> {
        let found = self.required(field)?.get();
        if is_wanted(found) {
            Ok(())
        } else {
            Err(DecodeError::Version { field, wanted: wanted.to_string(), found: cut(found) })
        }
    }

    /// Refuses what nobody has taken.
    pub(super) fn none_left(self) -> Result<(), DecodeError> {
        match self.left.into_iter().next() {
            Some((field, _)) => Err(DecodeError::Unknown { field: cut(&field) }),
            None => Ok(()),
        }
    }
}

/// The text, borrowed where nothing in it is escaped.
fn text<'a>(field: &'static str, value: &'a RawValue) -> Result<Cow<'a, str>, DecodeError> {
    // The syntax is sound by now: without an escape, what is quoted is the text.
    if let Some(text) = value.get().strip_prefix('"').and_then(|text| text.strip_suffix('"'))
        && !text.as_bytes().contains(&b'\\')
    {
        return Ok(Cow::Borrowed(text));
    }
    serde_json::from_str(value.get()).map(|Text(text)| text).map_err(|_| {
        // An escape may stand for no character.
        let kind = kind_of(value);
        let found = if kind == "a text" { "a text that is no Unicode" } else { kind };
        DecodeError::Invalid { field, wanted: "a text", found: found.to_owned() }
    })
}

/// What kind of value it is.
pub(super) fn kind_of(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'"') => "a text",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// A text as an error shows it: quoted, and not too long.
pub(super) fn quote(text: &str) -> String {
    format!("{:?}", cut(text))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut fields = Vec::with_capacity(USUAL);
                while let Some((Text(name), value)) = map.next_entry()? {
                    fields.push((name, value));
                }
                Ok(fields)
            }
        }

        Ok(Self { left: deserializer.deserialize_map(Object)? })
    }
}

/// A text, borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
