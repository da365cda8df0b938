//! What is asked of the thread that has the file.

use tokio::sync::oneshot;

use crate::error::FileError;
use crate::store::Work;

/// Something to be done in a transaction, perhaps together with others.
pub(crate) trait Request: Send {
    /// Whether something may be written.
    fn writes(&self) -> bool;

    /// Does it. If the transaction fails, it is done again in another one.
    fn run(&mut self, work: &mut Work<'_>) -> rusqlite::Result<()>;

    /// Tells who waits for it that it was done, and committed.
    fn succeed(self: Box<Self>);

    /// Tells who waits for it that it was not done.
    fn fail(self: Box<Self>, error: FileError);
}

/// A request, and where the answer goes.
///
/// What was asked for goes back with the answer: bytes may run code of a user when they are dropped, and should do so where
/// they came from.
struct Asked<A, T> {
    writes: bool,
    act: A,
    done: Option<T>,
    answer: oneshot::Sender<Answer<A, T>>,
}

type Answer<A, T> = (Result<T, FileError>, A);

/// Makes a request, and what its answer is awaited by.
pub(crate) fn ask<A, T>(
    writes: bool,
    act: A,
) -> (Box<dyn Request>, impl Future<Output = Result<T, FileError>> + Send)
where
    A: FnMut(&mut Work<'_>) -> rusqlite::Result<T> + Send + 'static,
    T: Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let asked = Asked { writes, act, done: None, answer };
    // Where nobody answers, the thread has ended.
    let answered = async { answered.await.map_or(Err(FileError::Closed), |(answer, _)| answer) };
    (Box::new(asked), answered)
}

impl<A, T> Request for Asked<A, T>
where
    A: FnMut(&mut Work<'_>) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn writes(&self) -> bool {
        self.writes
    }

    fn run(&mut self, work: &mut Work<'_>) -> rusqlite::Result<()> {
        self.done = Some((self.act)(work)?);
        Ok(())
    }

    fn succeed(self: Box<Self>) {
        let Self { act, done, answer, .. } = *self;
        // Who does not wait any more does not want to know.
        drop(answer.send((done.ok_or(FileError::Closed), act)));
    }

    fn fail(self: Box<Self>, error: FileError) {
        drop(self.answer.send((Err(error), self.act)));
    }
}
