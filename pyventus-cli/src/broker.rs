//! Which broker a command asks, and how it is connected.

use std::path::Path;

use anyhow::{Context as _, bail};
use clap::Args;
use pyventus_queue::AnyBroker;
use tokio::runtime::Runtime;

use crate::setup::Setup;

/// Which broker is asked.
#[derive(Args, Clone, Debug)]
pub struct BrokerArgs {
    /// Where events are kept: `sqlite:PATH`, or `redis://HOST:PORT`. Unless it is given, the broker of the program is asked.
    #[arg(long, value_name = "URL", env = "PYVENTUS_BROKER", hide_env_values = true)]
    pub broker: Option<String>,
}

/// Whether a file may be made that is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// A file that is not there is one whose name was misspelt.
    Refused,
    /// Whoever comes first makes the file.
    Made,
}

impl BrokerArgs {
    pub(crate) async fn connect(&self, setup: &Setup, missing: Missing) -> anyhow::Result<AnyBroker> {
        match (&self.broker, &setup.connect) {
            (Some(url), _) => open(url, missing).await,
            (None, Some(connect)) => connect().await.context("the broker of this program is not there"),
            (None, None) => {
                bail!(
                    "no broker is given: say `--broker URL`, or let the program give one with \
                     `CommandLine::broker`"
                )
            }
        }
    }
}

/// What runs the commands that ask a broker.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("the system gives no threads to run on")
}

/// Connects to what a URL says. Errors do not repeat it, since it may have a password in it.
async fn open(url: &str, missing: Missing) -> anyhow::Result<AnyBroker> {
    let Some((scheme, rest)) = url.split_once(':') else {
        bail!("`--broker` is a URL, such as `sqlite:events.db` or `redis://127.0.0.1:6379`");
    };
    match scheme {
        "sqlite" => open_file(Path::new(rest.strip_prefix("//").unwrap_or(rest)), missing).await,
        "redis" | "rediss" | "redis+unix" | "unix" => connect_redis(url).await,
        other => bail!("there are no brokers at `{other}:` URLs, only at `sqlite:` and `redis:`"),
    }
}

#[cfg(feature = "sqlite")]
async fn open_file(path: &Path, missing: Missing) -> anyhow::Result<AnyBroker> {
    if missing == Missing::Refused && !path.exists() {
        bail!("there is no file {}", path.display());
    }
    let broker = pyventus_sqlite::SqliteBroker::open(path).await;
    broker.map(AnyBroker::new).with_context(|| format!("{} is not opened", path.display()))
}

#[cfg(not(feature = "sqlite"))]
async fn open_file(_path: &Path, _missing: Missing) -> anyhow::Result<AnyBroker> {
    bail!("this program was built without the feature `sqlite` of `pyventus`")
}

#[cfg(feature = "redis")]
async fn connect_redis(url: &str) -> anyhow::Result<AnyBroker> {
    Ok(AnyBroker::new(pyventus_redis::RedisBroker::connect(url).await?))
}

#[cfg(not(feature = "redis"))]
async fn connect_redis(_url: &str) -> anyhow::Result<AnyBroker> {
    bail!("this program was built without the feature `redis` of `pyventus`")
}
