//! The [AsyncAPI](https://www.asyncapi.com) document of a program: its events, their schemas, and who
//! receives them.
//!
//! # Examples
//!
//! ```
//! use pyventus_core::asyncapi::AsyncApi;
//!
//! let document = AsyncApi::new("Orders", "1.2.0").description("What happens to an order").to_json();
//! assert_eq!(document["asyncapi"], "3.0.0");
//! assert_eq!(document["info"]["title"], "Orders");
//! ```

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::declared::declared_events;
use crate::key::{EventKey, KeyKind};
use crate::registration::{Declared, Registration};

/// What the document says of the program as a whole; [`to_json`](Self::to_json) makes it.
#[derive(Clone, Debug)]
#[must_use = "nothing is made before `.to_json()`"]
pub struct AsyncApi {
    title: String,
    version: String,
    description: Option<String>,
}

impl AsyncApi {
    /// Returns the document of a program with that title and that version of its interface.
    pub fn new(title: impl Into<String>, version: impl Into<String>) -> Self {
        Self { title: title.into(), version: version.into(), description: None }
    }

    /// Says what the program is for; Markdown is allowed.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Makes the document, of version 3.0.0 of AsyncAPI.
    ///
    /// Every derived event is a message on a channel of its name, and so is every text that a declared
    /// handler answers. The schema of a message is that of its type, where the type implements
    /// `schemars::JsonSchema`. Every declared handler is an operation that receives from the channels of
    /// its keys; one that answers everything receives from all.
    ///
    /// It only sees what is linked into the program: see [`link!`](crate::link). The same program gives
    /// the same document in every build.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut settings = SchemaSettings::draft07();
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        let mut generator = settings.into_generator();
        let declared = Declared::collect();
        let channels = Channels::collect(&declared);
        let messages = channels.messages(&mut generator);
        let mut info = json!({ "title": self.title, "version": self.version });
        if let Some(description) = &self.description {
            info["description"] = description.as_str().into();
        }
        json!({
            "asyncapi": "3.0.0",
            "info": info,
            "defaultContentType": "application/json",
            "channels": channels.to_json(),
            "operations": operations(&declared, &channels),
            "components": { "messages": messages, "schemas": generator.take_definitions(true) },
        })
    }
}

/// The channels, by the name of their events: each with the key that the document has for it.
struct Channels(BTreeMap<&'static str, String>);

impl Channels {
    /// Those of declared events, and of texts that declared handlers answer.
    fn collect(declared: &Declared) -> Self {
        let events = declared_events().into_iter().map(|event| event.name);
        let texts = declared.handlers.iter().flat_map(|handler| handler.keys).filter_map(name_of);
        let mut channels: BTreeMap<&str, String> =
            events.chain(texts).map(|name| (name, String::new())).collect();
        let mut taken = Vec::new();
        for (name, key) in &mut channels {
            *key = unique(&sanitized(name), &mut taken);
        }
        Self(channels)
    }

    fn to_json(&self) -> Value {
        let channel = |(name, key): (&&str, &String)| {
            let message = json!({ "$ref": format!("#/components/messages/{key}") });
            (key.clone(), json!({ "address": name, "messages": { key.as_str(): message } }))
        };
        Value::Object(self.0.iter().map(channel).collect())
    }

    /// The message of each channel. Types that bear one name are alternatives of one another.
    fn messages(&self, generator: &mut SchemaGenerator) -> Value {
        let mut schemas: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        let mut types: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for event in declared_events() {
            types.entry(event.name).or_default().push((event.type_name)().to_owned());
            if let Some(make) = (event.schema)() {
                schemas.entry(event.name).or_default().push(make(generator).to_value());
            }
        }
        let message = |(name, key): (&&'static str, &String)| {
            let mut message = json!({ "name": name, "title": name });
            if let Some(types) = types.get(name) {
                message["summary"] = format!("`{}`", types.join("`, `")).into();
            }
            match schemas.remove(name) {
                Some(mut one) if one.len() == 1 => message["payload"] = one.remove(0),
                Some(several) => message["payload"] = json!({ "oneOf": several }),
                None => {}
            }
            (key.clone(), message)
        };
        Value::Object(self.0.iter().map(message).collect())
    }

    /// The channels that a key receives from.
    fn of_key(&self, key: &'static EventKey) -> Vec<&str> {
        match (&key.0, name_of(key)) {
            (_, Some(name)) => self.0.get(name).map(String::as_str).into_iter().collect(),
            (KeyKind::Any | KeyKind::AnyEvent, None) => self.0.values().map(String::as_str).collect(),
            (_, None) => Vec::new(),
        }
    }
}

/// One operation for each channel that a declared handler receives from. Errors stay in the program.
fn operations(declared: &Declared, channels: &Channels) -> Value {
    let mut taken = Vec::new();
    let mut operations = Map::new();
    for handler in &declared.handlers {
        let mut seen = Vec::new();
        for channel in handler.keys.iter().flat_map(|key| channels.of_key(key)) {
            if !seen.contains(&channel) {
                seen.push(channel);
                let key = unique(
                    &sanitized(&format!("{}.{channel}", handler.declaration.origin.path())),
                    &mut taken,
                );
                operations.insert(key, operation(handler, channel));
            }
        }
    }
    Value::Object(operations)
}

fn operation(handler: &Registration, channel: &str) -> Value {
    json!({
        "action": "receive",
        "channel": { "$ref": format!("#/channels/{channel}") },
        "title": handler.declaration.origin.path(),
        "summary": format!("{}:{}", handler.declaration.origin.file(), handler.declaration.origin.line()),
        "messages": [{ "$ref": format!("#/channels/{channel}/messages/{channel}") }],
    })
}

/// The name of the events that a key answers, if it is one.
fn name_of(key: &'static EventKey) -> Option<&'static str> {
    match &key.0 {
        KeyKind::Text(name) => Some(name),
        KeyKind::Event(ty) => Some(ty.name),
        KeyKind::Error(_) | KeyKind::Any | KeyKind::AnyEvent | KeyKind::AnyError => None,
    }
}

/// A name as the keys of a document may be: letters, digits, and `.`, `-`, `_`.
fn sanitized(name: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    name.replace("::", ".").chars().map(|letter| if allowed(letter) { letter } else { '_' }).collect()
}

/// The name, or the first one behind it that is free.
fn unique(name: &str, taken: &mut Vec<String>) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2;
    while taken.contains(&candidate) {
        candidate = format!("{name}-{number}");
        number += 1;
    }
    taken.push(candidate.clone());
    candidate
}
