//! How events get to the server.

use std::time::SystemTime;

use pyventus_queue::{Message, QueueName};
use redis::Pipeline;

use crate::error::StepError;
use crate::keys::Keys;
use crate::link::Link;
use crate::wire;

const STEP: &str = "add events";

/// Stores messages, all of them or none. What many tasks publish at a time goes to the server together.
pub(crate) async fn publish(
    link: &Link,
    keys: &Keys,
    queue: &QueueName,
    messages: &[Message],
) -> Result<(), StepError> {
    let (events, now) = (keys.events(queue), SystemTime::now());
    let until = |message: &Message| message.held_until().filter(|until| *until > now);
    match messages {
        [] => Ok(()),
        [message] if until(message).is_none() => {
            link.command(STEP, &wire::add(&events, message)).await.map(drop)
        }
        messages => {
            let (mut commands, mut is_held) = (Pipeline::with_capacity(messages.len() + 1), false);
            commands.atomic();
            let (bodies, held) = (keys.bodies(queue), keys.held(queue));
            for message in messages {
                if let Some(until) = until(message) {
                    is_held = true;
                    for command in wire::hold(&bodies, &held, message, until) {
                        commands.add_command(command);
                    }
                } else {
                    commands.add_command(wire::add(&events, message));
                }
            }
            if is_held {
                // Who waits has to learn until when.
                let wake = keys.wake(queue);
                commands.cmd("XADD").arg(wake).arg("MAXLEN").arg(1).arg("*").arg("w").arg("");
            }
            link.transaction(STEP, &commands).await.map(drop)
        }
    }
}
