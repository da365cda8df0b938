//! How keys are called, and which of them a group uses.
//!
//! A key says the version of the layout, and has the queue in braces: all keys of a queue are on one node of a cluster.

use pyventus_queue::{GroupName, LetterId, MessageId, QueueName};
use uuid::Uuid;

/// The version of how events are stored.
const LAYOUT: u32 = 1;

/// How the keys of a broker begin.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: Box<str>,
}

impl Keys {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { prefix: format!("{prefix}:{LAYOUT}:").into() }
    }

    /// The set of all queues that were ever read or published to.
    pub(crate) fn queues(&self) -> String {
        format!("{}queues", self.prefix)
    }

    /// Where published events are: the stream of those that are due; when the others are, and what they are; and what wakes
    /// readers for these.
    pub(crate) fn events(&self, queue: &QueueName) -> String {
        self.of_queue(queue, "events")
    }

    pub(crate) fn held(&self, queue: &QueueName) -> String {
        self.of_queue(queue, "held")
    }

    pub(crate) fn bodies(&self, queue: &QueueName) -> String {
        self.of_queue(queue, "bodies")
    }

    pub(crate) fn wake(&self, queue: &QueueName) -> String {
        self.of_queue(queue, "wake")
    }

    /// The keys of what describes a queue.
    pub(crate) fn of_info(&self, queue: &QueueName) -> [String; 3] {
        ["events", "held", "groups"].map(|name| self.of_queue(queue, name))
    }

    pub(crate) fn letters(&self, queue: &QueueName) -> String {
        self.of_queue(queue, "letters")
    }

    /// The keys of a script, in the order in which it names them.
    pub(crate) fn of_group(&self, queue: &QueueName, group: &GroupName) -> GroupKeys {
        let of_queue = ["events", "held", "wake", "groups", "done", "letters", "bodies"];
        let of_group = ["again", "later", "items", "ends", "records", "index", "counts"];
        let keys = of_queue.map(|name| self.of_queue(queue, name)).into_iter();
        let keys = keys.chain(of_group.map(|name| self.of_queue(queue, &format!("group:{group}:{name}"))));
        GroupKeys(keys.collect())
    }

    fn of_queue(&self, queue: &QueueName, name: &str) -> String {
        format!("{}{{{queue}}}:{name}", self.prefix)
    }
}

/// The keys that the scripts of a group use.
#[derive(Debug)]
pub(crate) struct GroupKeys(Vec<String>);

impl GroupKeys {
    pub(crate) fn all(&self) -> &[String] {
        &self.0
    }

    pub(crate) fn events(&self) -> &str {
        &self.0[0]
    }

    pub(crate) fn wake(&self) -> &str {
        &self.0[2]
    }

    pub(crate) fn again(&self) -> &str {
        &self.0[7]
    }
}

/// A new identity of a dead letter, which says what its queue may be: its last four bytes are of the name.
pub(crate) fn letter_of(queue: &QueueName) -> LetterId {
    let mut bytes = MessageId::new().as_uuid().into_bytes();
    bytes[12..].copy_from_slice(&digest(queue));
    LetterId::from_uuid(Uuid::from_bytes(bytes))
}

/// Whether a dead letter may be one of that queue.
pub(crate) fn may_be_of(letter: LetterId, queue: &QueueName) -> bool {
    letter.as_uuid().as_bytes()[12..] == digest(queue)
}

/// FNV-1a: it has to be the same in every version.
fn digest(queue: &QueueName) -> [u8; 4] {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    queue.bytes().fold(0x811c_9dc5, step).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Keys, letter_of, may_be_of};
    use pyventus_queue::{GroupName, QueueName};

    #[test]
    fn all_keys_of_a_queue_have_the_queue_and_nothing_else_in_braces() {
        let queue = QueueName::new("orders").expect("it is a name");
        let keys = Keys::new("shop").of_group(&queue, &GroupName::new("billing").expect("it is a name"));
        for key in keys.all() {
            assert!(key.starts_with("shop:1:{orders}:"), "{key}");
            assert_eq!(key.matches(['{', '}']).count(), 2, "{key}");
        }
        let mut unique = keys.all().to_vec();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), keys.all().len());
    }

    #[test]
    fn a_letter_says_what_its_queue_may_be_and_letters_are_in_the_order_of_their_making() {
        let queue = |name: &str| QueueName::new(name).expect("it is a name");
        let letters: Vec<_> = (0..100).map(|_| letter_of(&queue("orders"))).collect();
        assert!(letters.is_sorted_by(|one, next| one < next));
        assert!(letters.iter().all(|letter| may_be_of(*letter, &queue("orders"))));
        assert!(letters.iter().all(|letter| !may_be_of(*letter, &queue("payments"))));
    }
}
