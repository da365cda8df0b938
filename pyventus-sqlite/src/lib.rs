//! A broker of pyventus in one file: no server, several processes, and every crash survived.
//!
//! A [`SqliteBroker`] stores events in a database of `SQLite`, which is a part of this crate. It keeps the contract of
//! [`Broker`](pyventus_queue::Broker), is durable, and is what to start with: a program that outgrows one machine goes to
//! another broker without other changes.

mod broker;
mod keeper;
mod waiting;
mod request;
mod store;
mod file;
mod turn;
mod schema;
mod options;
mod error;
mod time;

pub use broker::SqliteBroker;
pub use error::{Cause, FileError, OpenError};
pub use options::{SqliteOptions, Survives};
