//! The fields of an envelope in JSON, found by their names.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::DecodeError;

/// The most characters of a text that an error shows.
const SHOWN: usize = 40;

/// The fields that envelopes have.
const NAMES: [&str; 15] = [
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "datacontenttype",
    "traceparent",
    "tracestate",
    "pyvschema",
    "pyvkind",
    "pyvqueue",
    "pyvargs",
    "pyvkey",
    "pyvmac",
    "data",
];

/// The fields of an envelope; the values are not decoded.
#[derive(Default)]
pub(super) struct Fields<'a> {
    found: [Option<&'a RawValue>; NAMES.len()],
    is_repeated: [bool; NAMES.len()],
    /// The first field that no envelope has.
    unknown: Option<String>,
}

impl<'a> Fields<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        // Once for all: values are texts, and would be checked one by one.
        let text = std::str::from_utf8(bytes).map_err(|error| DecodeError::Malformed(Box::new(error)))?;
        serde_json::from_str(text).map_err(|error| DecodeError::Malformed(Box::new(error)))
    }

    /// Finds a field, which must not be there twice.
    pub(super) fn optional(&self, field: &'static str) -> Result<Option<&'a RawValue>, DecodeError> {
        let place = place(field).expect("envelopes have the field");
        if self.is_repeated[place] { Err(DecodeError::Repeated { field }) } else { Ok(self.found[place]) }
    }

    pub(super) fn required(&self, field: &'static str) -> Result<&'a RawValue, DecodeError> {
        self.optional(field)?.ok_or(DecodeError::Missing { field })
    }

    /// Finds a field that is a text.
    pub(super) fn text(&self, field: &'static str) -> Result<Cow<'a, str>, DecodeError> {
        text(field, self.required(field)?)
    }

    /// Finds a field that is a text where it is there.
    pub(super) fn optional_text(&self, field: &'static str) -> Result<Option<Cow<'a, str>>, DecodeError> {
        self.optional(field)?.map(|value| text(field, value)).transpose()
    }

    /// Finds a field that says a version.
    pub(super) fn version(
        &self,
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

    /// Refuses what no envelope has.
    pub(super) fn none_unknown(self) -> Result<(), DecodeError> {
        match self.unknown {
            Some(field) => Err(DecodeError::Unknown { field: cut(&field) }),
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
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut fields = Fields::default();
                while let Some((name, value)) = map.next_entry()? {
                    match name {
                        Name::Known(place) => {
                            fields.is_repeated[place] |= fields.found[place].replace(value).is_some();
                        }
                        Name::Unknown(name) => fields.unknown = fields.unknown.or(Some(name)),
                    }
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// Where the value of a field goes.
fn place(field: &str) -> Option<usize> {
    NAMES.iter().position(|name| *name == field)
}

/// The name of a field.
enum Name {
    Known(usize),
    Unknown(String),
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(place(name).map_or_else(|| Name::Unknown(name.to_owned()), Name::Known))
            }
        }

        deserializer.deserialize_identifier(Text)
    }
}

/// A text, borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
