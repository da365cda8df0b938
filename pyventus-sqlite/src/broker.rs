//! The broker: what it is asked goes to the thread that has the file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use pyventus_queue::{
    Backlog, Broker, BrokerCapabilities, BrokerError, Counts, DeadLetter, Delivery, GroupError, GroupName,
    LetterError, LetterId, Message, Page, PublishError, QueueInfo, QueueName, Receipt, Settled, Settlement,
    Subscription,
};
use tokio::sync::oneshot;

use crate::error::{FileError, OpenError};
use crate::file::{File, unreachable};
use crate::keeper::{Keeper, Task};
use crate::options::SqliteOptions;
use crate::request::ask;
use crate::store::Work;
use crate::waiting::Receive;

/// The longest that events are held back: a hundred years.
const LONGEST_DELAY: Duration = Duration::from_hours(24 * 365 * 100);

/// Keeps events in one file of `SQLite`: no server, and nothing to set up.
///
/// It keeps the contract of all brokers and is durable: an event that was accepted is there after the crash of every
/// program and, unless [`Survives`](crate::Survives) says less, after the loss of power. Any number of processes of one
/// machine may have the same file open. The file must be on a disk of that machine: what networks offer as files mostly has
/// no locks that hold.
///
/// **Threads.** Each broker has one thread, which has the file; nobody who awaits blocks a thread, and no runtime is needed.
/// What is asked for while the disk is busy is committed together.
///
/// **Latency.** An event that is published through the same broker, or a clone of it, is handed out in the same transaction
/// to who waits. One of another process is found within 20 ms, or what [`look_every`](SqliteOptions::look_every)
/// says; who waits looks for it that often, and nobody else does.
///
/// **Time.** Leases end, and events are held back, by the clock of the system. Where it is set forward, leases end early, and
/// events may be handed out twice.
///
/// **Limits.** Events are held back for a hundred years at most, a message has as many bytes as the
/// [options](SqliteOptions) say, and a file has at most a million queues. What is received at once has no more than 64 MiB,
/// unless it is a single event.
///
/// **The file.** Its space is used again, but the file does not become smaller. Beside it are its journal (`-wal`, `-shm`),
/// which belongs to it, and an empty file (`-turn`) by which processes take turns, which can be deleted when none of them
/// runs.
///
/// A clone is the same connection. It ends with the last clone, or when it is [closed](Self::close).
///
/// **Errors.** The source of each [`BrokerError`] is a [`FileError`]. What failed did not take place.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use pyventus_queue::{Broker, ConsumerName, GroupName, Message, MessageId, QueueName, Settlement, Subscription};
/// use pyventus_sqlite::SqliteBroker;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("events.db");
/// let broker = SqliteBroker::open(&path).await?;
/// let (queue, group) = (QueueName::new("orders")?, GroupName::new("billing")?);
/// broker.publish(&queue, vec![Message::new(MessageId::new(), "an envelope")]).await?;
/// drop(broker);
///
/// // Another time, or another process.
/// let broker = SqliteBroker::open(&path).await?;
/// let subscription = Subscription::new(queue.clone(), group.clone(), ConsumerName::new("worker-1")?);
/// let (lease, wait) = (Duration::from_secs(30), Duration::from_secs(5));
/// for delivery in broker.receive(&subscription, 16, lease, wait).await? {
///     assert_eq!(delivery.message.body(), "an envelope");
///     broker.settle(vec![Settlement::done(delivery.receipt)]).await?;
/// }
/// assert_eq!(broker.counts(&queue, &group).await?.succeeded, 1);
/// broker.close().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SqliteBroker {
    tasks: mpsc::Sender<Task>,
    path: Arc<Path>,
    capabilities: BrokerCapabilities,
}

impl SqliteBroker {
    /// Opens a file, with the options that there are if nothing is said; makes it if there is none.
    ///
    /// # Errors
    ///
    /// See [`SqliteOptions::open`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        SqliteOptions::new().open(path).await
    }

    /// Closes the file when everything that was asked for before is done; who still waits for events is told. Everything
    /// after that, through any clone, fails with [`FileError::Closed`].
    ///
    /// Nothing has to be closed: whatever has been answered is in the file. When the last process closes the file, or
    /// drops its broker and runs on for a moment, what is beside it goes into it.
    pub async fn close(self) {
        let (closed, is_closed) = oneshot::channel();
        if self.tasks.send(Task::Close(closed)).is_ok() {
            // Nobody says so where somebody else has closed it in the meantime.
            drop(is_closed.await);
        }
    }

    /// Has something done by the thread that has the file.
    async fn ask<T: Send + 'static>(
        &self,
        operation: &'static str,
        writes: bool,
        act: impl FnMut(&mut Work<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, BrokerError> {
        let (request, answer) = ask(writes, act);
        let failed = |error| BrokerError::new(operation, error);
        self.tasks.send(Task::Do(request)).map_err(|_| failed(FileError::Closed))?;
        answer.await.map_err(failed)
    }
}

impl SqliteOptions {
    /// Opens a file; makes it if there is none.
    ///
    /// # Errors
    ///
    /// The file is not one of this crate, or of a newer version of it, or it cannot be opened, made or written. Nothing in
    /// it is changed then.
    pub async fn open(self, path: impl AsRef<Path>) -> Result<SqliteBroker, OpenError> {
        let path: PathBuf = path.as_ref().to_owned();
        let (tasks, received) = mpsc::channel();
        let capabilities =
            BrokerCapabilities::NONE.durable().max_payload(self.max_payload).max_delay(LONGEST_DELAY);
        let broker = SqliteBroker { tasks, path: path.as_path().into(), capabilities };
        let (opened, is_open) = oneshot::channel();
        let keep = move || match File::open(&path, &self) {
            Ok(file) => {
                if opened.send(Ok(())).is_ok() {
                    Keeper::new(file, received, self.capacity, self.look_every).run();
                }
            }
            // Who does not wait any more does not want to know.
            Err(error) => drop(opened.send(Err(error))),
        };
        thread::Builder::new().name("pyventus-sqlite".to_owned()).spawn(keep).map_err(unreachable)?;
        is_open.await.unwrap_or(Err(FileError::Closed.into())).map(|()| broker)
    }
}

impl Broker for SqliteBroker {
    fn capabilities(&self) -> BrokerCapabilities {
        self.capabilities
    }

    async fn publish(&self, queue: &QueueName, messages: Vec<Message>) -> Result<(), PublishError> {
        self.capabilities.check(&messages)?;
        if messages.is_empty() {
            return Ok(());
        }
        let queue = queue.clone();
        self.ask("publish", true, move |work| work.publish(&queue, &messages)).await?
    }

    async fn receive(
        &self,
        subscription: &Subscription,
        max: usize,
        lease: Duration,
        wait: Duration,
    ) -> Result<Vec<Delivery>, BrokerError> {
        let failed = |error| BrokerError::new("receive", error);
        let (answer, answered) = oneshot::channel();
        let (subscription, end) = (subscription.clone(), Instant::now().checked_add(wait));
        let receive = Receive { subscription, max, lease, end, answer };
        self.tasks.send(Task::Receive(receive)).map_err(|_| failed(FileError::Closed))?;
        answered.await.unwrap_or(Err(FileError::Closed)).map_err(failed)
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<Vec<Settled>, BrokerError> {
        if settlements.is_empty() {
            return Ok(Vec::new());
        }
        self.ask("settle", true, move |work| work.settle(&settlements)).await
    }

    async fn extend(&self, receipts: &[Receipt], lease: Duration) -> Result<Vec<bool>, BrokerError> {
        let receipts = receipts.to_vec();
        self.ask("extend", true, move |work| work.extend(&receipts, lease)).await
    }

    async fn release(&self, receipts: &[Receipt]) -> Result<Vec<bool>, BrokerError> {
        let receipts = receipts.to_vec();
        self.ask("release", true, move |work| work.release(&receipts)).await
    }

    async fn counts(&self, queue: &QueueName, group: &GroupName) -> Result<Counts, BrokerError> {
        let (queue, group) = (queue.clone(), group.clone());
        self.ask("counts", false, move |work| work.counts(&queue, &group)).await
    }

    async fn letters(
        &self,
        queue: &QueueName,
        group: &GroupName,
        page: Page,
    ) -> Result<Vec<DeadLetter>, BrokerError> {
        let (queue, group) = (queue.clone(), group.clone());
        self.ask("letters", false, move |work| work.letters(&queue, &group, page)).await
    }

    async fn letter(&self, id: LetterId) -> Result<Option<DeadLetter>, BrokerError> {
        self.ask("letter", false, move |work| work.letter(id)).await
    }

    async fn replay(&self, id: LetterId) -> Result<(), LetterError> {
        let was_there = self.ask("replay", true, move |work| work.replay(id)).await?;
        if was_there { Ok(()) } else { Err(LetterError::Unknown(id)) }
    }

    async fn drop_letter(&self, id: LetterId) -> Result<(), LetterError> {
        let was_there = self.ask("drop_letter", true, move |work| work.drop_letter(id)).await?;
        if was_there { Ok(()) } else { Err(LetterError::Unknown(id)) }
    }

    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is that of one lifetime")]
    async fn queues(&self) -> Result<Vec<QueueInfo>, BrokerError> {
        self.ask("list queues", false, |work| work.list_queues()).await
    }

    async fn backlog(&self, queue: &QueueName, group: &GroupName) -> Result<Backlog, BrokerError> {
        let (queue, group) = (queue.clone(), group.clone());
        self.ask("count what is left", false, move |work| work.backlog(&queue, &group)).await
    }

    async fn remove_group(&self, queue: &QueueName, group: &GroupName) -> Result<Counts, GroupError> {
        let place = (queue.clone(), group.clone());
        let removed = self.ask("remove a group", true, move |work| work.remove_group(&place.0, &place.1));
        removed.await?.ok_or_else(|| GroupError::unknown(queue, group))
    }
}

impl fmt::Debug for SqliteBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteBroker")
            .field("path", &self.path)
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}
