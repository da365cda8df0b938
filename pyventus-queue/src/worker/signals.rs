//! The signals that tell a process to end.

use std::convert::Infallible;
use std::future::Future;
use std::io;

use super::handle::WorkerHandle;

/// Tells a worker to end with each signal. It listens from now on, and no signal ends the process by itself any more.
#[cfg(unix)]
pub(super) fn stop_with(worker: WorkerHandle) -> io::Result<impl Future<Output = Infallible>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        loop {
            tokio::select! {
                _received = interrupt.recv() => {}
                _received = terminate.recv() => {}
            }
            worker.stop();
        }
    })
}

/// Tells a worker to end with each Ctrl-C. It listens from now on.
#[cfg(not(unix))]
pub(super) fn stop_with(worker: WorkerHandle) -> io::Result<impl Future<Output = Infallible>> {
    Ok(async move {
        loop {
            match tokio::signal::ctrl_c().await {
                Ok(()) => worker.stop(),
                Err(_) => std::future::pending().await,
            }
        }
    })
}
