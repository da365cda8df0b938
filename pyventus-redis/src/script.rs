//! What a server does in one step: scripts, which are sent once and known by their digest.

use std::sync::LazyLock;

use redis::Cmd;

/// A script of the server.
pub(crate) struct Script {
    /// What it does, as an error says it.
    pub(crate) step: &'static str,
    pub(crate) digest: String,
    pub(crate) source: &'static str,
}

impl Script {
    fn new(step: &'static str, source: &'static str) -> Self {
        Self { step, digest: redis::Script::new(source).get_hash().to_owned(), source }
    }

    /// Runs it as what the server knows by its digest.
    pub(crate) fn by_digest(&self, keys: &[impl AsRef<str>], arguments: impl Fn(&mut Cmd)) -> Cmd {
        run("EVALSHA", &self.digest, keys, arguments)
    }

    /// Runs it, and tells the server what it is.
    pub(crate) fn by_source(&self, keys: &[impl AsRef<str>], arguments: impl Fn(&mut Cmd)) -> Cmd {
        run("EVAL", self.source, keys, arguments)
    }
}

fn run(name: &str, script: &str, keys: &[impl AsRef<str>], arguments: impl Fn(&mut Cmd)) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(keys.len());
    for key in keys {
        command.arg(key.as_ref());
    }
    arguments(&mut command);
    command
}

macro_rules! scripts {
    ($($name:ident: $step:literal, $($file:literal)+;)+) => {
        pub(crate) struct Scripts {
            $(pub(crate) $name: Script,)+
        }

        impl Scripts {
            pub(crate) fn all(&self) -> Vec<&Script> {
                vec![$(&self.$name),+]
            }
        }

        pub(crate) static SCRIPTS: LazyLock<Scripts> = LazyLock::new(|| Scripts {
            $($name: Script::new($step, concat!($(include_str!(concat!("scripts/", $file, ".lua"))),+)),)+
        });
    };
}

scripts! {
    tend: "hand out events", "prelude" "join" "items" "tend";
    claim: "hand out events that were waited for", "prelude" "items" "claim";
    settle: "settle events", "prelude" "settle";
    extend: "extend leases", "prelude" "items" "extend";
    release: "take events back", "prelude" "release";
    counts: "count events", "prelude" "totals" "counts";
    queue: "describe a queue", "queue";
    backlog: "count what is left", "prelude" "totals" "backlog";
    remove: "remove a group", "prelude" "totals" "remove";
    letters: "list dead letters", "prelude" "letters";
    letter: "find a dead letter", "letter";
    replay: "replay a dead letter", "prelude" "replay";
    drop: "drop a dead letter", "prelude" "drop";
}
