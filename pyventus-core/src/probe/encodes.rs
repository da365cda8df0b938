//! Whether an event can leave the program: `(&&Probe::<T>::new()).codec()`.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::EventCodec;
use crate::event::Event;

use super::Probe;

#[doc(hidden)]
pub trait EncodesEvent {
    fn codec(&self) -> Option<EventCodec>;
}

impl<T: Event + Serialize + DeserializeOwned> EncodesEvent for &Probe<T> {
    fn codec(&self) -> Option<EventCodec> {
        Some(EventCodec::of::<T>())
    }
}

#[doc(hidden)]
pub trait EncodesNothing {
    fn codec(&self) -> Option<EventCodec>;
}

impl<T> EncodesNothing for Probe<T> {
    fn codec(&self) -> Option<EventCodec> {
        None
    }
}
