//! Events that cannot be handled are kept, and hold up no others.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pyventus_core::{Context, key};
use tokio::time::sleep;

use crate::{
    Arguments, Broker, DeadReason, Envelope, Json, KeyId, Keyring, Message, MessageId, Payload, QueueName,
    Seal, Source,
};

use super::Fixture;
use super::ground::{SHORT, run};
use super::program::{Gate, Numbered, Program, Seen, Work, number_of};

fn keyring(secret: &str) -> Keyring {
    Keyring::new(KeyId::new("2026-01").expect("it is a name"), secret).expect("it is not empty")
}

fn envelope(queue: &QueueName, event: &str, data: Option<serde_json::Value>) -> Envelope {
    let payload = data.map_or(Payload::Text, |data| Payload::Event(Json::new(&data).expect("it is JSON")));
    Envelope::new(queue.clone(), Source::of_name("a law"), event, payload)
}

/// Bytes that are no envelope, envelopes that were forged, moved or cannot be decoded, and types that are unknown: each is
/// given up as a whole, byte for byte, with the reason; what is sound is handled.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn what_cannot_be_read_is_put_into_quarantine<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let program = Program::new(ground.at.clone());
        let queue = &program.at.queue;
        let (own, foreign) =
            (Seal::default().with_keyring(keyring("ours")), Seal::default().with_keyring(keyring("theirs")));
        let sealed = |seal: &Seal, envelope: Envelope| seal.seal(envelope).expect("it can be written");
        let number = |number: u64| Some(serde_json::json!({ "number": number }));
        let sound = || envelope(queue, "law.numbered", number(7));
        let elsewhere = QueueName::new("elsewhere").expect("it is a name");
        let mut forged = sealed(&own, sound());
        let place = forged.windows(3).position(|bytes| bytes == b":7}").expect("the number is in the text");
        forged[place + 1] = b'8';
        let badly = sound().with_encoded_arguments(Some("{}".to_owned()));
        let bad = [
            (b"no envelope at all".to_vec(), DeadReason::Undecodable),
            (Vec::new(), DeadReason::Undecodable),
            (sealed(&Seal::default(), sound()), DeadReason::Untrusted),
            (sealed(&foreign, sound()), DeadReason::Untrusted),
            (forged, DeadReason::Untrusted),
            (sealed(&own, envelope(&elsewhere, "law.numbered", number(7))), DeadReason::Untrusted),
            (sealed(&own, envelope(queue, "law.unknown", number(7))), DeadReason::UnknownEvent),
            (sealed(&own, envelope(queue, "law.numbered", Some("seven".into()))), DeadReason::Undecodable),
            (sealed(&own, badly), DeadReason::Undecodable),
        ];
        let mut wanted = HashMap::new();
        for (bytes, reason) in bad {
            let message = Message::new(MessageId::new(), bytes);
            wanted.insert(message.id(), (message.clone(), reason));
            program.at.publish(vec![message]).await;
        }
        let args = Arguments { named: [("number".to_owned(), 7.into())].into(), ..Arguments::default() };
        for good in [sound(), envelope(queue, "nobody answers", None), sound().with_arguments(&args)] {
            program.at.publish(vec![Message::new(MessageId::new(), sealed(&own, good))]).await;
        }
        let seen = Seen::new();
        let counted = seen.clone();
        let handler = move |context: Context| counted.add(number_of(&context), context.attempt());
        program.linker.subscribe(key::<Numbered>()).handler(handler).expect("there is no limit");
        let worker = Work::start(program.worker().keyring(keyring("ours")));
        let events = wanted.len() as u64 + 3;
        let counts = program.until_done(events).await;
        assert_eq!((counts.dead, counts.succeeded), (wanted.len() as u64, 3), "{counts}");
        assert_eq!(seen.take(), HashMap::from([(7, vec![1, 1])]));
        for dead in program.letters().await {
            let (message, reason) = wanted.remove(&dead.message.id()).expect("each leaves one letter");
            assert_eq!(
                (dead.message.body(), dead.letter.reason),
                (message.body(), reason),
                "{:?}",
                dead.letter
            );
            assert!(dead.letter.handler.is_none() && !dead.letter.history[0].error.is_empty());
        }
        assert!(wanted.is_empty(), "{} events left no letter", wanted.len());
        worker.end().await;
    });
}

/// A group that answers some of the events of a queue may leave alone what its program does not know.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn unknown_events_are_skipped_where_that_is_wanted<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        let program = Program::new(ground.at.clone());
        let unknown = envelope(&program.at.queue, "law.unknown", Some(7.into()));
        let bytes = Seal::default().seal(unknown).expect("it can be written");
        program.at.publish(vec![Message::new(MessageId::new(), bytes)]).await;
        program.emit([7]).await;
        let worker = Work::start(program.worker().skip_unknown());
        let counts = program.until_done(2).await;
        assert_eq!(counts.succeeded, 2, "{counts}");
        worker.end().await;
    });
}

/// An event whose handler kills each worker that has it: it is given up after three deaths, and everything else that the
/// workers had at those moments is handled. Replayed, it has three lives again.
///
/// # Panics
///
/// The broker breaks the law, or the worker.
pub fn an_event_that_kills_workers_is_put_into_quarantine<F: Fixture>(open: impl FnOnce() -> F) {
    run(open, async |ground| {
        const POISON: u64 = 7;
        let (program, gate, is_mended) =
            (Program::new(ground.at.clone()), Gate::default(), Arc::new(AtomicBool::default()));
        let (waits, mended) = (gate.clone(), Arc::clone(&is_mended));
        program
            .linker
            .subscribe(key::<Numbered>())
            .handler(move |context: Context| {
                let (gate, is_mended) = (waits.clone(), mended.load(Ordering::Relaxed));
                async move {
                    if number_of(&context) == POISON && !is_mended {
                        gate.pass().await;
                    }
                    // Long enough for the others to be there when a worker dies.
                    sleep(Duration::from_millis(20)).await;
                }
            })
            .expect("there is no limit");
        program.emit(0..20).await;
        for death in 1..=3 {
            let worker = Work::start(program.worker().lease(SHORT));
            gate.reached_by(death).await;
            worker.kill().await;
        }
        let worker = Work::start(program.worker().lease(SHORT));
        let counts = program.until_done(20).await;
        assert_eq!((counts.succeeded, counts.dead), (19, 1), "{counts}");
        let letters = program.letters().await;
        assert_eq!(letters[0].letter.reason, DeadReason::Poisonous);

        is_mended.store(true, Ordering::Relaxed);
        program.at.broker.replay(letters[0].id).await.expect("it is there");
        program.until(|counts| counts.succeeded == 20).await;
        worker.end().await;
    });
}
