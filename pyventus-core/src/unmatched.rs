//! Texts that were emitted and that nobody answers: a warning, once for each.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::declared::declared_events;
use crate::key::{EventKey, KeyKind};
use crate::linker::EventLinker;
use crate::nearest::nearest;

/// How many texts of a linker are remembered; a program that makes texts up as it goes is warned no more after
/// that many.
const REMEMBERED: usize = 1024;

/// Warns that nobody answers a text, unless that was said before.
pub(crate) fn warn(text: &str, linker: &EventLinker) {
    static WARNED: Mutex<BTreeMap<&'static str, HashSet<String>>> = Mutex::new(BTreeMap::new());

    {
        let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
        let warned = warned.entry(linker.name()).or_default();
        if warned.len() >= REMEMBERED || warned.contains(text) {
            return;
        }
        warned.insert(text.to_owned());
    }
    let keys = linker.events();
    let texts = keys.iter().filter_map(text_of).chain(declared_events().into_iter().map(|event| event.name));
    let hint = nearest(text, texts).map(|nearest| format!("; did you mean {nearest:?}?")).unwrap_or_default();
    tracing::warn!(
        target: "pyventus",
        source = "EventEmitter",
        event = text,
        linker = linker.name(),
        "no handler answers this text{hint}",
    );
}

fn text_of(key: &EventKey) -> Option<&str> {
    match &key.0 {
        KeyKind::Text(name) => Some(name),
        KeyKind::Event(ty) => Some(ty.name),
        KeyKind::Error(_) | KeyKind::Any | KeyKind::AnyEvent | KeyKind::AnyError => None,
    }
}
