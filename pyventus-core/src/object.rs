//! The object of an event, its type erased.

use std::any::{Any, TypeId};

/// As `&dyn Any`, with the type at hand: `Any` asks for it through a pointer, once for every
/// handler, and that alone takes longer than all the rest of calling one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'a> {
    /// The type of the value.
    id: TypeId,
    value: &'a (dyn Any + Send + Sync),
}

impl<'a> Object<'a> {
    #[inline]
    pub(crate) fn new(value: &'a (dyn Any + Send + Sync)) -> Self {
        Self { id: value.type_id(), value }
    }

    /// The value, if it is of that type.
    #[inline]
    #[expect(unsafe_code, reason = "what the check costs shows where handlers do little")]
    pub(crate) fn downcast_ref<T: Any>(self) -> Option<&'a T> {
        // SAFETY: `id` is the type of `value`, as the constructor sees to it and nobody changes
        // it; if that is `T`, the pointer is one to a `T`, which lives as long as the borrow.
        (self.id == TypeId::of::<T>()).then(|| unsafe { &*std::ptr::from_ref(self.value).cast::<T>() })
    }
}
