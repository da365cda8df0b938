//! A broker of pyventus in one file: no server, several processes, and every crash survived.
//!
//! Use it through the facade, `pyventus`, as `pyventus::sqlite`, behind the feature `sqlite`.
//!
//! ```
//! use pyventus_queue::{Broker, GroupName, QueueName};
//! use pyventus_sqlite::SqliteBroker;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("orders.db");
//! let broker = SqliteBroker::open(&path).await?;
//! let counts = broker.counts(&QueueName::default(), &GroupName::default()).await?;
//! assert_eq!(counts.pending, 0);
//! # Ok(())
//! # }
//! ```
//!
//! Give the broker to a [`QueueBackend`](pyventus_queue::QueueBackend), which publishes, and to a
//! [`Worker`](pyventus_queue::Worker), which handles; clones of it share the file.
//!
//! A [`SqliteBroker`] stores events in a database of `SQLite`, which is a part of this crate. It keeps the contract of
//! [`Broker`](pyventus_queue::Broker), is durable, and is what to start with: a program that outgrows one machine goes to
//! another broker without other changes. [`SqliteOptions`] say what it survives, and where it is kept.

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
