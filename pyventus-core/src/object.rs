//! The object of an event, its type erased.

use std::any::{Any, TypeId};
use std::ptr;
use std::sync::Arc;

/// As `&dyn Any`, with the type at hand: `Any` asks for it through a pointer, once for every
/// handler, and that alone takes longer than all the rest of calling one.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// The type of the value. By reference: one word, and mostly the one that it is compared with.
    id: &'static TypeId,
    value: &'a (dyn Any + Send + Sync),
}

/// The identity of a type, where it stays.
#[inline]
fn id_of<T: Any>() -> &'static TypeId {
    const { &TypeId::of::<T>() }
}

impl<'a> Object<'a> {
    /// The object as one of any type.
    #[inline]
    pub(crate) fn new<T: Any + Send + Sync>(value: &'a T) -> Self {
        Self { id: id_of::<T>(), value }
    }

    /// The value, if it is of that type.
    #[inline]
    #[expect(unsafe_code, reason = "what the check costs shows where handlers do little")]
    pub(crate) fn downcast_ref<T: Any>(self) -> Option<&'a T> {
        let wanted = id_of::<T>();
        // The same type has its identity in several places, but mostly in this one.
        let is_wanted = ptr::eq(self.id, wanted) || self.id == wanted;
        // SAFETY: `id` is the type of `value`, as the constructors see to it and nobody changes
        // it; if that is `T`, the pointer is one to a `T`, which lives as long as the borrow.
        is_wanted.then(|| unsafe { &*ptr::from_ref(self.value).cast::<T>() })
    }

    /// The value, of whatever type.
    pub(crate) fn any(self) -> &'a (dyn Any + Send + Sync) {
        self.value
    }
}

/// An object that is kept.
#[derive(Clone, Debug)]
pub(crate) struct SharedObject {
    /// The type of the value.
    id: &'static TypeId,
    value: Arc<dyn Any + Send + Sync>,
}

impl SharedObject {
    /// The object as one of any type.
    pub(crate) fn new<T: Any + Send + Sync>(value: Arc<T>) -> Self {
        Self { id: id_of::<T>(), value }
    }

    #[inline]
    pub(crate) fn object(&self) -> Object<'_> {
        Object { id: self.id, value: &*self.value }
    }

    /// The value, to be kept.
    pub(crate) fn share(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::clone(&self.value)
    }
}
