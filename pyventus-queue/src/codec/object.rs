//! An object in JSON, written field by field.
//!
//! Most fields of an envelope are of characters that need no escape, and are not looked at one by one.

use serde::Serialize;

/// Why writing cannot fail.
const HAS_TEXT: &str = "every field has a text";

/// The text of an object that is written.
pub(super) struct Object(Vec<u8>);

impl Object {
    /// Begins an object that will take about so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Adds a text of which no character needs an escape.
    pub(super) fn plain(&mut self, field: &str, text: &str) {
        self.name(field);
        self.0.push(b'"');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
    }

    /// Adds a text of which no character needs an escape, as something else writes it.
    pub(super) fn written<E: std::fmt::Debug>(
        &mut self,
        field: &str,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) {
        self.name(field);
        self.0.push(b'"');
        write(&mut self.0).expect(HAS_TEXT);
        self.0.push(b'"');
    }

    /// Adds any value.
    pub(super) fn value(&mut self, field: &str, value: impl Serialize) {
        self.name(field);
        serde_json::to_writer(&mut self.0, &value).expect(HAS_TEXT);
    }

    /// Adds a value that is written already.
    pub(super) fn json(&mut self, field: &str, json: &str) {
        self.name(field);
        self.0.extend_from_slice(json.as_bytes());
    }

    /// Ends the object.
    pub(super) fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    #[inline]
    fn name(&mut self, field: &str) {
        self.0.extend_from_slice(if self.0.is_empty() { b"{\"" } else { b",\"" });
        self.0.extend_from_slice(field.as_bytes());
        self.0.extend_from_slice(b"\":");
    }
}
