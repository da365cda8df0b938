//! Whose turn it is, among processes that want to write.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long who finds others waiting lets them go first.
const COURTESY: Duration = Duration::from_millis(50);

/// How long it sleeps before it looks again.
pub(crate) const NAP: Duration = Duration::from_micros(300);

/// Lets processes take turns: a file beside the database that who waits for the database has locked.
///
/// `SQLite` itself lets in who comes at the right moment: a process that commits one transaction after the other would keep
/// all others out. Who wants to write waits here first, for a short time, and is therefore behind whoever waits already.
/// It is a courtesy, and nothing depends on it.
pub(crate) struct Turn {
    file: Option<File>,
}

impl Turn {
    /// Takes turns for a database. Where there are no such locks, everybody comes when they can.
    pub(crate) fn of(database: &Path) -> Self {
        let mut path = OsString::from(database);
        path.push("-turn");
        Self { file: File::options().create(true).truncate(false).write(true).open(path).ok() }
    }

    /// Does what waits for the database, when it is its turn.
    pub(crate) fn taken<T>(&self, wait: impl FnOnce() -> T) -> T {
        let Some(file) = &self.file else { return wait() };
        let since = Instant::now();
        let mut has_turn = file.try_lock().is_ok();
        while !has_turn && since.elapsed() < COURTESY {
            thread::sleep(NAP);
            has_turn = file.try_lock().is_ok();
        }
        let done = wait();
        if has_turn {
            // What cannot be unlocked is so when the process ends, and keeps the others up for a moment each time.
            drop(file.unlock());
        }
        done
    }
}
