//! Whether the declarations of a program fit together.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::callback::Takes;
use crate::declared::{CallbackRegistration, DeclaredCallback, DeclaredEvent, declared_events};
use crate::finding::Finding;
use crate::key::KeyKind;
use crate::linker::EventLinker;
use crate::nearest::nearest;
use crate::origin::Origin;
use crate::registration::{Declared, Registration, fill};
use crate::registry::Registry;

impl EventLinker {
    /// Checks the declarations of the whole program, in all of its linkers, against one another;
    /// returns what is wrong or looks wrong, the worst first.
    ///
    /// It only sees what is linked into the program: see [`link!`](crate::link).
    ///
    /// # Examples
    ///
    /// A test that keeps a program free of mistakes:
    ///
    /// ```
    /// use pyventus_core::{EventLinker, Severity};
    ///
    /// let findings = EventLinker::verify();
    /// assert!(findings.iter().all(|finding| finding.severity() == Severity::Note), "{findings:#?}");
    /// ```
    #[must_use]
    pub fn verify() -> Vec<Finding> {
        let left_out = fill();
        let declared = Declared::collect();
        let events = declared_events();

        let mut findings: Vec<_> = left_out
            .iter()
            .map(|left_out| Finding::LeftOut {
                handler: left_out.handler,
                reason: left_out.reason.to_string(),
            })
            .collect();
        findings.extend(duplicates(&declared));
        findings.extend(cycles(&declared));
        for handler in &declared.handlers {
            findings.extend(undeclared_texts(handler, &events));
            findings.extend(never_receives(handler));
            findings.extend(value_taken_twice(&declared.callbacks_of(handler)));
        }
        findings.extend(shared_names(&events));
        findings.extend(unanswered(&declared, &events));
        // A stable sort: within one severity the checks keep their order.
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
        findings
    }
}

fn texts(handler: &Registration) -> impl Iterator<Item = &str> {
    handler.keys.iter().filter_map(|key| match &key.0 {
        KeyKind::Text(text) => Some(&**text),
        _ => None,
    })
}

fn undeclared_texts(handler: &Registration, events: &[&DeclaredEvent]) -> Vec<Finding> {
    let is_declared = |text: &str| events.iter().any(|event| event.name == text);
    texts(handler)
        .filter(|text| !is_declared(text))
        .map(|text| Finding::UndeclaredText {
            text: text.to_owned(),
            handler: handler.declaration.origin,
            nearest: nearest(text, events.iter().map(|event| event.name)).map(str::to_owned),
        })
        .collect()
}

/// With texts alone for keys, a handler gets the objects of events that bear them, and no others.
fn never_receives(handler: &Registration) -> Vec<Finding> {
    let texts: Vec<_> = texts(handler).collect();
    if texts.len() < handler.keys.len() {
        return Vec::new();
    }
    (handler.wants)()
        .into_iter()
        .filter(|wanted| !wanted.event.is_some_and(|name| texts.contains(&name)))
        .map(|wanted| Finding::NeverReceives {
            handler: handler.declaration.origin,
            wanted: wanted.type_name,
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
        })
        .collect()
}

fn value_taken_twice(callbacks: &[&CallbackRegistration]) -> Option<Finding> {
    let takes = |callback: &&&CallbackRegistration| matches!(callback.callback, DeclaredCallback::Success(success) if success.takes == Takes::Value);
    let callbacks: Vec<Origin> = callbacks.iter().filter(takes).map(|callback| callback.origin).collect();
    (callbacks.len() > 1).then_some(Finding::ValueTakenTwice { callbacks })
}

fn duplicates(declared: &Declared) -> Vec<Finding> {
    let mut seen: HashSet<TypeId> = HashSet::new();
    let again = declared.handlers.iter().filter(|handler| !seen.insert(handler.declaration.handler));
    again.map(|handler| Finding::Duplicate { handler: handler.declaration.origin }).collect()
}

fn cycles(declared: &Declared) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let linkers = declared.handlers.iter().map(|handler| (handler.linker)());
    linkers
        .filter(|linker| seen.insert(std::ptr::from_ref(*linker)))
        .filter_map(Registry::cycle)
        .map(Finding::cycle)
        .collect()
}

fn shared_names(events: &[&DeclaredEvent]) -> Vec<Finding> {
    let mut types: BTreeMap<&'static str, HashMap<TypeId, Origin>> = BTreeMap::new();
    for event in events {
        types.entry(event.name).or_default().insert(event.id, event.origin);
    }
    types
        .into_iter()
        .filter(|(_, types)| types.len() > 1)
        .map(|(name, types)| {
            let mut types: Vec<_> = types.into_values().collect();
            types.sort_by_key(Origin::place);
            Finding::SharedName { name, types }
        })
        .collect()
}

fn unanswered(declared: &Declared, events: &[&DeclaredEvent]) -> Vec<Finding> {
    let answers = |event: &DeclaredEvent| {
        declared.handlers.iter().flat_map(|handler| handler.keys).any(|key| match &key.0 {
            KeyKind::Text(text) => **text == *event.name,
            KeyKind::Event(ty) => ty.id == event.id,
            KeyKind::Any | KeyKind::AnyEvent => true,
            KeyKind::Error(_) | KeyKind::AnyError => false,
        })
    };
    let unanswered = events.iter().filter(|event| !answers(event));
    unanswered.map(|event| Finding::Unanswered { name: event.name, event: event.origin }).collect()
}
