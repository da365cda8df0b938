//! The graph of a program: which handlers answer which events, and what their outcomes run.
//!
//! The program is the example `password_reset`; the text is a Mermaid flowchart, which code hosts
//! draw. `to_dot()` gives it to Graphviz, `to_json()` to a program.
//!
//! Run it: `cargo run --example topology`
//!
//! It prints:
//!
//! ```text
//! flowchart LR
//!     subgraph l0["global"]
//!         l0e0(["#quot;PasswordResetRequested#quot;"])
//!         l0e1(["PasswordResetRequested"])
//!         l0e2(["event(..)"])
//!         l0h0["topology::password_reset::revoke_sessions"]
//!         l0e0 --> l0h0
//!         l0h1["topology::password_reset::send_email::send"]
//!         l0e1 --> l0h1
//!         l0h1c0["topology::password_reset::send_email::failed"]
//!         l0h1 -. failure .-> l0h1c0
//!         l0h2["topology::password_reset::log_every_event"]
//!         l0e2 --> l0h2
//!     end
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

#[path = "password_reset.rs"]
#[expect(dead_code, reason = "its handlers are looked at, its `main` is not run")]
mod password_reset;

fn main() {
    print!("{}", pyventus::EventLinker::topology().to_mermaid());
}
