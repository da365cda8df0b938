//! The AsyncAPI document of a program: its events, their schemas, and the handlers that receive them.
//!
//! Run it: `cargo run --example asyncapi`
//!
//! It prints:
//!
//! ```text
//! "asyncapi::pack" receives from "#/channels/order.placed"
//! {
//!   "messages": {
//!     "order.placed": {
//!       "name": "order.placed",
//!       "payload": {
//!         "$ref": "#/components/schemas/OrderPlaced"
//!       },
//!       "summary": "`asyncapi::OrderPlaced`",
//!       "title": "order.placed"
//!     }
//!   },
//!   "schemas": {
//!     "OrderPlaced": {
//!       "description": "Somebody wants to buy something.",
//!       "properties": {
//!         "articles": {
//!           "description": "What is wanted.",
//!           "items": {
//!             "type": "string"
//!           },
//!           "type": "array"
//!         },
//!         "id": {
//!           "format": "uint64",
//!           "minimum": 0,
//!           "type": "integer"
//!         }
//!       },
//!       "required": [
//!         "id",
//!         "articles"
//!       ],
//!       "type": "object"
//!     }
//!   }
//! }
//! ```
#![expect(clippy::print_stdout, reason = "an example shows what it makes")]
#![expect(dead_code, reason = "the order is described here, and not placed")]

use pyventus::asyncapi::AsyncApi;
use pyventus::{Event, on};
use schemars::JsonSchema;

/// Somebody wants to buy something.
#[derive(Event, JsonSchema)]
#[event(name = "order.placed")]
struct OrderPlaced {
    id: u64,
    /// What is wanted.
    articles: Vec<String>,
}

#[on(OrderPlaced)]
fn pack(order: &OrderPlaced) {
    println!("packing {} articles", order.articles.len());
}

fn main() {
    let document = AsyncApi::new("Orders", "1.0.0").description("What happens to an order").to_json();
    for operation in document["operations"].as_object().into_iter().flat_map(|operations| operations.values())
    {
        println!("{} receives from {}", operation["title"], operation["channel"]["$ref"]);
    }
    println!("{:#}", document["components"]);
}
