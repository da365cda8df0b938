//! The attributes and the derive of pyventus.
//!
//! Use them through the facade, `pyventus`, whose default feature `macros` brings them: generated code
//! names its paths.
//!
//! ```
//! use pyventus::{Event, on};
//!
//! #[derive(Event)]
//! struct OrderPlaced { id: u64 }
//!
//! #[on(OrderPlaced)]
//! fn ship(order: &OrderPlaced) { println!("shipping {}", order.id); }
//! # fn main() {}
//! ```
//!
//! [`derive(Event)`](macro@Event) makes a type an event. [`#[on]`](macro@on) and [`#[once]`](macro@once)
//! declare handlers, on functions and on modules that hold a flow, where
//! [`#[on_event]`](macro@on_event) names the handler. [`#[on_success]`](macro@on_success) and
//! [`#[on_failure]`](macro@on_failure) attach callbacks. What each of them leaves behind, takes and
//! refuses is said on its page.

mod on;
mod callback;
mod event;
mod function;
mod call;
mod param;
mod named;
mod options;
mod report;
mod path;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Declares a handler: the function answers the events that the keys name.
///
/// The function stays exactly as written and callable. Beside it the attribute leaves a
/// registration, found wherever the crate is linked, and a type of the function's name, by which
/// other attributes refer to the handler.
///
/// # Keys
///
/// | key | answers |
/// |---|---|
/// | `"text"` | the text event of that name, and typed events that bear it |
/// | `Type` | events of that type, and the bare text of its name |
/// | `error(Type)` | errors of that type |
/// | `..` | everything |
/// | `event(..)` | everything that is not an error |
/// | `error(..)` | every error |
///
/// Several keys are separated by commas; the handler runs once per emission however many match.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `linker = PATH` | a `static` linker instead of the global one |
/// | `priority = N` | a whole number; higher starts earlier, 0 unless set |
/// | `blocking` | runs on a thread that may block, where the backend has such threads |
/// | `before(path)`, `after(path)` | starts before or after other declared handlers |
/// | `retry(N)` | a worker tries it up to N times; `retry(attempts = N, first = "1s", max = "5m", factor = 2)` says how long the pauses are |
/// | `timeout = "5s"` | a worker drops it after that time, and takes it for failed: `ms`, `s`, `m`, `h` |
/// | `crate = ::path` | where pyventus is found, if not at `::pyventus` |
///
/// # Parameters
///
/// | parameter | receives |
/// |---|---|
/// | `&T` | the event object, or the error |
/// | `Arc<T>` | the shared event object |
/// | `name: T`, `name: &str` | the argument `name`, else the next positional one; `Option<T>` may be absent |
/// | `State<T>` | a value that the emitter was given |
/// | `Context` | what is known of the emission, and its emitter |
/// | a type that implements `FromEmission` | what it says |
///
/// A parameter that cannot be bound fails this handler alone.
///
/// # Flows
///
/// On an inline module, the attribute declares a handler with its callbacks: one function under
/// `#[on_event]`, others under `#[on_success]` and `#[on_failure]`.
///
/// # What it refuses
///
/// Methods, generics, `unsafe` and `extern` functions, `&mut` and `impl Trait` parameters; an
/// empty text; an unknown option, or one given twice; a `&T` that none of the keys can deliver; a
/// flow without `#[on_event]` or with two.
///
/// # Examples
///
/// ```
/// use pyventus::{Context, Event, EventEmitter, InlineBackend, on};
///
/// #[derive(Event)]
/// struct OrderPlaced {
///     id: u64,
/// }
///
/// #[on(OrderPlaced)]
/// fn ship(order: &OrderPlaced) {
///     println!("shipping {}", order.id);
/// }
///
/// #[on(OrderPlaced, "order.imported", priority = 1)]
/// async fn note(context: Context) {
///     println!("{}", context.event_name());
/// }
///
/// let emitter = EventEmitter::new(InlineBackend::new());
/// assert_eq!(emitter.emit(OrderPlaced { id: 7 }).wait()?.succeeded(), 2);
/// # Ok::<(), pyventus::EmitError>(())
/// ```
///
/// A flow:
///
/// ```
/// use pyventus::{EventEmitter, InlineBackend, on};
///
/// #[on("number.read")]
/// mod number_read {
///     #[on_event]
///     fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///         text.parse()
///     }
///
///     #[on_success]
///     fn parsed(number: u32) {
///         println!("{number}");
///     }
///
///     #[on_failure]
///     fn refused(error: &std::num::ParseIntError) {
///         println!("{error}");
///     }
/// }
///
/// let emitter = EventEmitter::new(InlineBackend::new());
/// let report = emitter.emit_with("number.read", pyventus::args!["seven"]).wait()?;
/// assert_eq!(report.failed(), 1);
/// # Ok::<(), pyventus::EmitError>(())
/// ```
#[proc_macro_attribute]
pub fn on(args: TokenStream, item: TokenStream) -> TokenStream {
    on::expand(args.into(), &item.into(), on::Times::Always).into()
}

/// Declares a handler that answers one event only; see [`on`](macro@on).
///
/// The handler is unlinked from all of its events before it runs, and runs once however many
/// threads emit.
///
/// # Examples
///
/// ```
/// use pyventus::{EventEmitter, InlineBackend, once};
///
/// #[once("shop.opened")]
/// fn welcome() {}
///
/// let emitter = EventEmitter::new(InlineBackend::new());
/// assert_eq!(emitter.emit("shop.opened").wait()?.succeeded(), 1);
/// assert_eq!(emitter.emit("shop.opened").wait()?.succeeded(), 0);
/// # Ok::<(), pyventus::EmitError>(())
/// ```
#[proc_macro_attribute]
pub fn once(args: TokenStream, item: TokenStream) -> TokenStream {
    on::expand(args.into(), &item.into(), on::Times::Once).into()
}

/// Attaches a success callback to a declared handler: `#[on_success(path::to::handler)]`.
///
/// The function takes nothing, or the value of the handler as `T` (first) or `&T`, and then
/// `Context`, `State<T>` and the like. A type that is not the success type of the handler does
/// not compile. Several callbacks run in their order in source; one that takes the value away
/// runs last.
///
/// Inside a flow, `#[on_success]` is written without a path.
///
/// # Examples
///
/// ```
/// use pyventus::{on, on_success};
///
/// #[on("order.counted")]
/// fn count() -> u32 {
///     7
/// }
///
/// #[on_success(count)]
/// fn counted(orders: u32) {
///     println!("{orders} orders");
/// }
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn on_success(args: TokenStream, item: TokenStream) -> TokenStream {
    callback::expand(args.into(), &item.into(), callback::Kind::Success).into()
}

/// Attaches a failure callback to a declared handler: `#[on_failure(path::to::handler)]`.
///
/// The function takes nothing or `&anyhow::Error` to answer every failure, or `&E` to answer
/// errors of that type only, and then `Context`, `State<T>` and the like. A type of error that
/// the handler cannot fail with does not compile. The error is logged before the callback runs.
///
/// Inside a flow, `#[on_failure]` is written without a path.
///
/// # Examples
///
/// ```
/// use pyventus::{on, on_failure};
///
/// #[on("order.read")]
/// fn read() -> Result<(), std::io::Error> {
///     Err(std::io::Error::other("the disk is full"))
/// }
///
/// #[on_failure(read)]
/// fn unread(error: &std::io::Error) {
///     println!("{error}");
/// }
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn on_failure(args: TokenStream, item: TokenStream) -> TokenStream {
    callback::expand(args.into(), &item.into(), callback::Kind::Failure).into()
}

/// Marks the handler of a flow, inside a module under [`on`](macro@on) or [`once`](macro@once).
///
/// Anywhere else it is refused. The page of [`on`](macro@on) shows a flow.
#[proc_macro_attribute]
pub fn on_event(_: TokenStream, item: TokenStream) -> TokenStream {
    on::misplaced_on_event(&item.into()).into()
}

/// Implements `Event`: the values of the type can be emitted.
///
/// The name of the event is that of the type; `#[event(name = "order.placed")]` gives it another,
/// and `#[event(crate = ::path)]` says where pyventus is found. Structs and enums without generics
/// can be derived.
///
/// Where the type can be serialised and deserialised by serde, its events can leave the program.
///
/// # Examples
///
/// ```
/// use pyventus::Event as _;
///
/// #[derive(pyventus::Event)]
/// struct OrderPlaced;
///
/// #[derive(pyventus::Event)]
/// #[event(name = "order.shipped")]
/// struct OrderShipped;
///
/// assert_eq!((OrderPlaced::NAME, OrderShipped::NAME), ("OrderPlaced", "order.shipped"));
/// ```
#[proc_macro_derive(Event, attributes(event))]
pub fn event(item: TokenStream) -> TokenStream {
    event::expand(item.into()).into()
}
