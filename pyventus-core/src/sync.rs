//! The primitives of the registry, so that its interleavings can be explored under
//! `--cfg shuttle`.

#[cfg(not(shuttle))]
pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(shuttle))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(shuttle)]
pub(crate) use shuttle::sync::atomic::{AtomicU64, Ordering};
#[cfg(shuttle)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};

pub(crate) use published::{Loaded, Published};

#[cfg(not(shuttle))]
mod published {
    use std::sync::Arc;

    use arc_swap::{ArcSwap, Guard};

    /// A value that was read.
    pub(crate) type Loaded<T> = Guard<Arc<T>>;

    /// A value that is read without a lock and replaced as a whole.
    pub(crate) struct Published<T>(ArcSwap<T>);

    impl<T> Published<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(ArcSwap::from_pointee(value))
        }

        /// Reads the value, without a count that threads would share.
        #[inline]
        pub(crate) fn load(&self) -> Loaded<T> {
            self.0.load()
        }

        /// Replaces the value and returns the old one.
        pub(crate) fn swap(&self, value: Arc<T>) -> Arc<T> {
            self.0.swap(value)
        }
    }
}

#[cfg(shuttle)]
mod published {
    use std::ops::Deref;
    use std::sync::Arc;

    use super::Mutex;

    /// A value that was read.
    pub(crate) struct Loaded<T>(Arc<T>);

    impl<T> Deref for Loaded<T> {
        type Target = Arc<T>;

        fn deref(&self) -> &Arc<T> {
            &self.0
        }
    }

    /// The same under a lock that the explorer knows.
    pub(crate) struct Published<T>(Mutex<Arc<T>>);

    impl<T> Published<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(Mutex::new(Arc::new(value)))
        }

        pub(crate) fn load(&self) -> Loaded<T> {
            Loaded(Arc::clone(&self.0.lock().expect("nothing panics under the lock")))
        }

        pub(crate) fn swap(&self, value: Arc<T>) -> Arc<T> {
            std::mem::replace(&mut *self.0.lock().expect("nothing panics under the lock"), value)
        }
    }
}
