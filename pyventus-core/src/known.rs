//! `EventCodec::of_type` and `EventCodec::named`: which events the program knows how to decode.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::OnceLock;

use crate::codec::EventCodec;
use crate::declared::declared_events;

impl EventCodec {
    /// Returns the codec of a declared type; `None` for one that is not declared, or not with serde.
    #[must_use]
    pub fn of_type(id: TypeId) -> Option<Self> {
        Declared::get().by_type.get(&id).copied()
    }

    /// Returns the codec of the declared type that bears a name.
    ///
    /// # Errors
    ///
    /// No declared type bears it, none with serde does, or several do.
    pub fn named(name: &str) -> Result<Self, UnknownEvent> {
        let Some(types) = Declared::get().by_name.get(name) else {
            return Err(UnknownEvent::NotDeclared { event: name.to_owned() });
        };
        let mut with_serde = types.iter().filter_map(|ty| ty.codec);
        match (with_serde.next(), with_serde.next()) {
            (Some(codec), None) => Ok(codec),
            (None, _) => {
                Err(UnknownEvent::NotSerializable { event: name.to_owned(), type_name: types[0].type_name })
            }
            (Some(first), Some(second)) => Err(UnknownEvent::Ambiguous {
                event: name.to_owned(),
                type_names: [first, second]
                    .into_iter()
                    .chain(with_serde)
                    .map(|codec| codec.type_name())
                    .collect(),
            }),
        }
    }
}

/// The declared types, as they are asked for.
struct Declared {
    by_type: HashMap<TypeId, EventCodec, foldhash::fast::RandomState>,
    by_name: HashMap<&'static str, Vec<Type>, foldhash::fast::RandomState>,
}

struct Type {
    type_name: &'static str,
    codec: Option<EventCodec>,
}

impl Declared {
    fn get() -> &'static Self {
        static DECLARED: OnceLock<Declared> = OnceLock::new();
        DECLARED.get_or_init(|| {
            let mut declared = Self { by_type: HashMap::default(), by_name: HashMap::default() };
            for event in declared_events() {
                let codec = (event.codec)();
                declared.by_type.extend(codec.map(|codec| (event.id, codec)));
                let ty = Type { type_name: (event.type_name)(), codec };
                declared.by_name.entry(event.name).or_default().push(ty);
            }
            declared
        })
    }
}

/// The program knows no type that an event of that name could be decoded as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnknownEvent {
    /// No type with that name is declared in this program.
    #[error(
        "no event {event:?} is declared in this program; derive `Event` on its type, and see that its crate is linked"
    )]
    #[non_exhaustive]
    NotDeclared {
        /// The name.
        event: String,
    },
    /// The type cannot be decoded.
    #[error(
        "the event {event:?} is declared as `{type_name}`, which does not implement `serde::Serialize` and `serde::de::DeserializeOwned`"
    )]
    #[non_exhaustive]
    NotSerializable {
        /// The name.
        event: String,
        /// The type that bears it.
        type_name: &'static str,
    },
    /// Several types bear the name.
    #[error("several types bear the name {event:?}: {}; give all but one another name", .type_names.join(", "))]
    #[non_exhaustive]
    Ambiguous {
        /// The name.
        event: String,
        /// The types.
        type_names: Vec<&'static str>,
    },
}
