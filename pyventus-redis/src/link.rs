//! The connections to a server, which are made anew when they break.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, Pipeline, ProtocolVersion, PushInfo, PushKind, RedisError,
    Value,
};
use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, sleep, timeout_at};

use crate::error::{StepError, is_not_ready};
use crate::script::{SCRIPTS, Script};

/// How long is waited before a server that does not answer is asked once more: the first time, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));

/// How many connections are kept that nobody waits on.
const IDLE: usize = 8;

/// How many runtimes have a connection.
const RUNTIMES: usize = 64;

/// How many requests wait for being written together.
const REQUESTS: usize = 1024;

/// A server, and the connections to it: one for each runtime, that all of its tasks share, and those that somebody waits
/// on.
///
/// A connection is driven by a task of the runtime it was made on. Were it shared further, an operation would wait for
/// threads of another runtime twice, and for ever where that has ended.
pub(crate) struct Link {
    client: Client,
    server: Arc<str>,
    patience: Duration,
    timeout: Duration,
    shared: Mutex<HashMap<Id, Connection>>,
    /// Held by who makes a shared connection.
    connecting: tokio::sync::Mutex<()>,
    idle: Mutex<Vec<Connection>>,
}

/// What the server is asked to do.
#[derive(Clone, Copy)]
enum Asked<'a> {
    Command(&'a Cmd),
    Transaction(&'a Pipeline),
    Pipeline(&'a Pipeline),
}

/// A connection, and whether it is known to have ended.
#[derive(Clone)]
pub(crate) struct Connection {
    connection: MultiplexedConnection,
    ended: Arc<AtomicBool>,
}

impl Connection {
    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Ends it unless the error is one that the server itself has sent.
    fn judge<T>(&self, result: &Result<T, RedisError>) {
        if result.as_ref().is_err_and(|error| error.is_io_error() || error.is_unrecoverable_error()) {
            self.ended.store(true, Ordering::Release);
        }
    }
}

impl Link {
    pub(crate) fn new(client: Client, patience: Duration, timeout: Duration) -> Self {
        let server = client.get_connection_info().addr().to_string().into();
        let info = client.get_connection_info();
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.clone().set_redis_settings(settings)).unwrap_or(client);
        let (shared, connecting, idle) = (Mutex::default(), tokio::sync::Mutex::default(), Mutex::default());
        Self { client, server, patience, timeout, shared, connecting, idle }
    }

    pub(crate) fn server(&self) -> &Arc<str> {
        &self.server
    }

    pub(crate) fn error(&self, step: &'static str, source: RedisError) -> StepError {
        StepError::new(&self.server, step, source)
    }

    /// What cannot be sent, because it cannot be written.
    pub(crate) fn unwritten(&self, step: &'static str, error: &serde_json::Error) -> StepError {
        self.error(step, (ErrorKind::Client, "a dead letter cannot be written", error.to_string()).into())
    }

    /// What the end of the runtime has cut off.
    pub(crate) fn cut_off(&self, step: &'static str) -> StepError {
        self.error(step, std::io::Error::from(std::io::ErrorKind::Interrupted).into())
    }

    /// A reply that no version of the server gives.
    pub(crate) fn strange(&self, step: &'static str) -> StepError {
        let source = (ErrorKind::UnexpectedReturnType, "the reply is not of the form that was expected");
        self.error(step, source.into())
    }

    /// Has the server do something.
    pub(crate) async fn command(&self, step: &'static str, command: &Cmd) -> Result<Value, StepError> {
        self.ask(step, Asked::Command(command)).await
    }

    /// Has the server do several things, all of them or none.
    pub(crate) async fn transaction(&self, step: &'static str, commands: &Pipeline) -> Result<(), StepError> {
        self.ask(step, Asked::Transaction(commands)).await.map(drop)
    }

    /// Has the server do several things, one after the other, and returns what it says of each: also that it failed.
    pub(crate) async fn pipeline(
        &self,
        step: &'static str,
        commands: &Pipeline,
    ) -> Result<Vec<Value>, StepError> {
        match self.ask(step, Asked::Pipeline(commands)).await? {
            Value::Array(replies) => Ok(replies),
            _ => Err(self.strange(step)),
        }
    }

    /// Has the server run a script, with arguments that `arguments` adds.
    pub(crate) async fn script(
        &self,
        script: &Script,
        keys: &[impl AsRef<str>],
        arguments: impl Fn(&mut Cmd) + Sync,
    ) -> Result<Value, StepError> {
        match self.command(script.step, &script.by_digest(keys, &arguments)).await {
            // The server has forgotten it, and has done nothing.
            Err(error) if error.is_unknown_script() => {
                self.command(script.step, &script.by_source(keys, &arguments)).await
            }
            result => result,
        }
    }

    /// A connection for one command that waits at the server. It is given back with [`keep`](Self::keep).
    pub(crate) async fn waiting(&self) -> Result<Connection, StepError> {
        let kept = || lock(&self.idle).pop();
        while let Some(connection) = kept() {
            if !connection.has_ended() {
                return Ok(connection);
            }
        }
        self.connect().await
    }

    /// Asks over a connection of one's own, and waits for so much longer than the server is to.
    pub(crate) async fn wait(
        &self,
        step: &'static str,
        connection: &Connection,
        command: &Cmd,
        wait: Duration,
    ) -> Result<Value, StepError> {
        let mut own = connection.connection.clone();
        own.set_response_timeout(wait.saturating_add(self.timeout));
        let result = own.send_packed_command(command).await;
        connection.judge(&result);
        result.map_err(|error| self.error(step, error))
    }

    pub(crate) fn keep(&self, connection: Connection) {
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE && !connection.has_ended() {
            idle.push(connection);
        }
    }

    /// Asks over the connection of the runtime. A server that is not ready has done nothing, and is asked again; what may
    /// have been done is not.
    async fn ask(&self, step: &'static str, asked: Asked<'_>) -> Result<Value, StepError> {
        let until = Instant::now() + self.patience;
        let mut backoff = BACKOFF.0;
        loop {
            let mut connection = self.shared(until).await?;
            let result = match asked {
                Asked::Command(command) => connection.connection.send_packed_command(command).await,
                Asked::Transaction(commands) => {
                    // Of the replies, the last one is that of the transaction.
                    let before = commands.len() + 1;
                    let replies = connection.connection.send_packed_commands(commands, before, 1).await;
                    replies.map(Value::Array)
                }
                Asked::Pipeline(commands) => {
                    let replies =
                        connection.connection.send_packed_commands(commands, 0, commands.len()).await;
                    replies.and_then(ready).map(Value::Array)
                }
            };
            connection.judge(&result);
            match result {
                Err(error) if is_not_ready(&error) && Instant::now() + backoff < until => {
                    sleep(backoff).await;
                    backoff = (backoff * 2).min(BACKOFF.1);
                }
                result => return result.map_err(|error| self.error(step, error)),
            }
        }
    }

    /// The connection of the runtime, which is made if there is none.
    async fn shared(&self, until: Instant) -> Result<Connection, StepError> {
        let runtime = Handle::current().id();
        if let Some(connection) = self.shared_if_there(runtime) {
            return Ok(connection);
        }
        let mut failure = None;
        let connected = timeout_at(until, async {
            let _connecting = self.connecting.lock().await;
            let mut backoff = BACKOFF.0;
            loop {
                if let Some(connection) = self.shared_if_there(runtime) {
                    return Ok(connection);
                }
                match self.connect().await {
                    Ok(connection) => {
                        let mut shared = lock(&self.shared);
                        // Nobody says when a runtime has ended. Whoever still has a connection goes on with it.
                        if shared.len() >= RUNTIMES {
                            shared.clear();
                        }
                        shared.insert(runtime, connection.clone());
                        return Ok(connection);
                    }
                    Err(error) if !error.is_transient() => return Err(error),
                    Err(error) => failure = Some(error),
                }
                sleep(backoff).await;
                backoff = (backoff * 2).min(BACKOFF.1);
            }
        });
        let result = connected.await;
        result.unwrap_or_else(|elapsed| {
            let late = || std::io::Error::new(std::io::ErrorKind::TimedOut, elapsed).into();
            Err(failure.unwrap_or_else(|| self.error("connect", late())))
        })
    }

    fn shared_if_there(&self, runtime: Id) -> Option<Connection> {
        lock(&self.shared).get(&runtime).filter(|connection| !connection.has_ended()).cloned()
    }

    /// Makes a connection, over which the server was sent the scripts.
    async fn connect(&self) -> Result<Connection, StepError> {
        let ended = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&ended);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout.min(Duration::from_secs(2))))
            .set_response_timeout(Some(self.timeout))
            .set_pipeline_buffer_size(REQUESTS)
            .set_push_sender(move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    tell.store(true, Ordering::Release);
                }
                Ok::<_, std::convert::Infallible>(())
            });
        let connected = self.client.get_multiplexed_async_connection_with_config(&config).await;
        let mut connection = connected.map_err(|error| self.error("connect", error))?;
        let mut scripts = redis::pipe();
        for script in SCRIPTS.all() {
            scripts.cmd("SCRIPT").arg("LOAD").arg(script.source);
        }
        let digests = scripts.query_async::<HashSet<String>>(&mut connection).await;
        digests.map_err(|error| self.error("load scripts", error))?;
        Ok(Connection { connection, ended })
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Takes a server that is not ready for one that has failed.
fn ready(replies: Vec<Value>) -> Result<Vec<Value>, RedisError> {
    let failures = replies.iter().filter_map(|reply| match reply {
        Value::ServerError(error) => Some(RedisError::from(error.clone())),
        _ => None,
    });
    match failures.into_iter().find(is_not_ready) {
        Some(error) => Err(error),
        None => Ok(replies),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
