//! Closures that capture nothing, as plain functions: no memory is taken for them, and calling them takes
//! one step less.

use std::mem::{forget, needs_drop};
use std::ptr::NonNull;

use super::{AsyncHandler, CallFn, StartFn, SyncHandler};

/// Returns the function that calls a handler, or the handler itself where it captures something.
pub(super) fn call<H: SyncHandler>(handler: H) -> Result<CallFn, H> {
    leave(handler)?;
    // SAFETY: `leave` has taken a value of the type.
    #[expect(unsafe_code, reason = "a function pointer holds no value")]
    Ok(|view, keep| unsafe { left::<H>() }.call(view, keep))
}

/// Returns the function that starts a handler, or the handler itself where it captures something.
pub(super) fn start<H: AsyncHandler>(handler: H) -> Result<StartFn, H> {
    leave(handler)?;
    // SAFETY: `leave` has taken a value of the type.
    #[expect(unsafe_code, reason = "a function pointer holds no value")]
    Ok(|view, keep| unsafe { left::<H>() }.start(view, keep))
}

/// Leaves a value for ever; gives it back where it has bytes, or something to be dropped.
fn leave<T>(value: T) -> Result<(), T> {
    if size_of::<T>() > 0 || needs_drop::<T>() {
        return Err(value);
    }
    forget(value);
    Ok(())
}

/// The value that was left.
///
/// # Safety
///
/// [`leave`] has taken a value of the type: it has no bytes, and is there for ever.
#[expect(unsafe_code, reason = "a value without bytes is anywhere")]
unsafe fn left<T: 'static>() -> &'static T {
    // SAFETY: the address is aligned, and a value without bytes is valid at any such address. There is one,
    // as the caller says, and nobody has it mutably: it was given away.
    unsafe { NonNull::dangling().as_ref() }
}
