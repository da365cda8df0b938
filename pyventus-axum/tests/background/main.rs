//! What a request emits, from the route to the end of its handlers: over a server and a client, as
//! programs use it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;
mod site;
mod after;
mod order;
mod nested;
mod later;
mod failures;
mod bodies;
mod missing;
mod closing;
mod by_hand;
mod logging;
