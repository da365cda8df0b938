//! One object, three handlers: one by the name of the event, one by its type, one for every event.
//! The second fails, its error is logged, and its failure callback receives it with its type.
//!
//! Run it: `cargo run --example password_reset`
//!
//! It prints:
//!
//! ```text
//! Revoking the sessions of user 7
//! Sending an email for PasswordResetRequested { user_id: 7, email: "ada@example.com" }
//! [Logger] <time>    ERROR [EventHandler] Exception: mail.example.com refused the connection event=PasswordResetRequested handler=password_reset::send_email::send (examples/password_reset.rs:41) emission=<id>
//! Queueing the email until mail.example.com is back
//! PasswordResetRequested for ada@example.com
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

use pyventus::{Context, Event, EventEmitter, TokioBackend, on};

#[derive(Debug, Event)]
struct PasswordResetRequested {
    user_id: u64,
    email: String,
}

#[derive(Debug, thiserror::Error)]
#[error("{host} refused the connection")]
struct SmtpError {
    host: String,
}

#[on("PasswordResetRequested")]
fn revoke_sessions(event: &PasswordResetRequested) {
    println!("Revoking the sessions of user {}", event.user_id);
}

#[on(PasswordResetRequested)]
mod send_email {
    use super::{PasswordResetRequested, SmtpError};

    #[on_event]
    async fn send(event: &PasswordResetRequested) -> Result<(), SmtpError> {
        println!("Sending an email for {event:?}");
        Err(SmtpError { host: "mail.example.com".into() })
    }

    #[on_failure]
    async fn failed(error: &SmtpError) {
        println!("Queueing the email until {} is back", error.host);
    }
}

#[on(event(..))]
async fn log_every_event(context: Context) {
    let email = context.object().map(|event: &PasswordResetRequested| event.email.as_str());
    println!("{} for {}", context.event_name(), email.unwrap_or("nobody in particular"));
}

fn main() {
    pyventus::fmt::init();

    let emitter = EventEmitter::new(TokioBackend::new());
    emitter.emit(PasswordResetRequested { user_id: 7, email: "ada@example.com".into() });
}
