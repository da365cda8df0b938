//! What the attributes leave behind compiles clean under strict lints, whatever stands around it.
//!
//! The lints of this file are those of a strict user, to whom a warning about generated code would
//! be one that nothing can be done about.
#![forbid(
    unsafe_code,
    missing_docs,
    missing_debug_implementations,
    unused_mut,
    unused_imports,
    unused_variables
)]
#![deny(warnings, unused, clippy::pedantic, unreachable_pub, unused_qualifications)]
#![deny(
    elided_lifetimes_in_paths,
    single_use_lifetimes,
    let_underscore_drop,
    non_ascii_idents,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason
)]
#![expect(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::non_minimal_cfg,
    clippy::unused_async,
    reason = "these are about the functions as they are written here, not about what is made of them"
)]

use std::sync::{Arc, Mutex, PoisonError};

use pyventus::{
    Context, Event, EventEmitter, EventLinker, InlineBackend, State, args, on, on_failure, on_success, once,
};

/// What handlers have done, in order.
struct Seen(Mutex<Vec<String>>);

impl Seen {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn push(&self, entry: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn emitter() -> EventEmitter {
    EventEmitter::builder(InlineBackend::new()).state(String::from("pool")).build()
}

static RAW: Seen = Seen::new();

#[derive(Event)]
struct r#Struct {
    r#fn: u8,
}

#[on("polite.raw")]
fn r#type(r#match: u8, r#in: &str) -> String {
    RAW.push(format!("type {match} {in}", r#match = r#match, r#in = r#in));
    String::from("raw")
}

#[on_success(r#type)]
fn r#loop(r#where: &String) {
    RAW.push(format!("loop {where}", r#where = r#where));
}

#[on_failure(self::r#type)]
fn r#while(r#dyn: &anyhow::Error) {
    RAW.push(r#dyn.to_string());
}

#[on(r#Struct, after(r#type))]
mod r#mod {
    use super::{RAW, r#Struct};

    #[on_event]
    fn r#enum(r#struct: &r#Struct) -> u8 {
        RAW.push(format!("enum {}", r#struct.r#fn));
        r#struct.r#fn
    }

    #[on_success]
    fn r#trait(r#impl: u8) {
        RAW.push(format!("trait {impl}", r#impl = r#impl));
    }
}

#[test]
fn raw_identifiers_are_names_without_their_mark() {
    emitter().emit_with("polite.raw", args![r#match = 1, r#in = "x"]);
    assert_eq!(RAW.take(), ["type 1 x", "loop raw"]);
    emitter().emit(r#Struct { r#fn: 2 });
    assert_eq!(RAW.take(), ["enum 2", "trait 2"]);
    assert_eq!(r#type(3, "y"), "raw");
    assert_eq!(RAW.take(), ["type 3 y"]);
}

static NAMES: Seen = Seen::new();

mod names {
    //! Functions whose names generated code would like to have for itself.

    use super::{Context, NAMES, on, on_failure, on_success};

    #[on("polite.names")]
    fn run(context: u8) -> anyhow::Result<u8> {
        NAMES.push(format!("run {context}"));
        anyhow::ensure!(context > 0, "zero");
        Ok(context)
    }

    #[on("polite.names")]
    async fn context(keep: u8, binder: Context) {
        NAMES.push(format!("context {keep} {}", binder.event_name()));
    }

    #[on("polite.names")]
    fn keep() {
        NAMES.push("keep");
    }

    #[on("polite.names")]
    fn returned(returned: u8) {
        NAMES.push(format!("returned {returned}"));
    }

    #[on("polite.names")]
    fn kind() {
        NAMES.push("kind");
    }

    #[on_success(run)]
    fn answer(answer: u8) {
        NAMES.push(format!("answer {answer}"));
    }

    #[on_success(run)]
    async fn value(context: &u8) {
        NAMES.push(format!("value {context}"));
    }

    #[on_failure(run)]
    fn error(value: &anyhow::Error) {
        NAMES.push(format!("error {value}"));
    }

    #[on_failure(run)]
    async fn arg0(context: &anyhow::Error) {
        NAMES.push(format!("arg0 {context}"));
    }
}

#[test]
fn no_name_is_taken_from_the_user() {
    emitter().emit_with("polite.names", args![1]);
    assert_eq!(
        NAMES.take(),
        ["run 1", "value 1", "answer 1", "context 1 polite.names", "keep", "returned 1", "kind"],
    );
    emitter().emit_with("polite.names", args![0]);
    assert_eq!(NAMES.take()[..3], ["run 0", "error zero", "arg0 zero"]);
}

static INSIDE: Seen = Seen::new();

#[test]
fn functions_hold_handlers_too() {
    #[derive(Event)]
    struct Local;

    #[on(Local)]
    fn outer(_: &Local) -> u8 {
        INSIDE.push("outer");
        7
    }

    #[on_success(outer)]
    fn succeeded(value: u8) {
        INSIDE.push(format!("succeeded {value}"));
    }

    {
        #[on(Local, after(outer))]
        mod flow {
            use super::INSIDE;

            #[on_event]
            fn inner() {
                INSIDE.push("inner");
            }

            #[on_success]
            fn ended() {
                INSIDE.push("ended");
            }
        }

        #[on_success(outer)]
        fn from_a_block() {
            INSIDE.push("from a block");
        }
    }

    emitter().emit(Local);
    assert_eq!(INSIDE.take(), ["outer", "from a block", "succeeded 7", "inner", "ended"]);
}

static NESTED: Seen = Seen::new();

mod nested {
    pub(crate) mod further {
        use super::super::{NESTED, on};

        #[on("polite.nested")]
        pub(crate) fn deep() -> u8 {
            NESTED.push("deep");
            1
        }
    }

    use super::{NESTED, on_success};

    #[on_success(self::further::deep)]
    fn beside(value: u8) {
        NESTED.push(format!("beside {value}"));
    }

    mod sibling {
        use super::super::{NESTED, on, on_success};

        #[on_success(super::further::deep)]
        fn above() {
            NESTED.push("above");
        }

        #[on_success(crate::nested::further::deep)]
        fn from_the_root() {
            NESTED.push("from the root");
        }

        #[on("polite.nested", before(super::further::deep), priority = -2147483648)]
        fn before() {
            NESTED.push("before");
        }
    }
}

#[test]
fn handlers_in_nested_modules_are_named_by_any_path() {
    emitter().emit("polite.nested");
    let mut seen = NESTED.take();
    assert_eq!(seen[..2], ["before", "deep"]);
    seen.sort();
    assert_eq!(seen, ["above", "before", "beside 1", "deep", "from the root"]);
}

static SHADOWED: Seen = Seen::new();

mod shadowed {
    //! A module where the names of the prelude, and of the language, mean something else.
    #![expect(non_camel_case_types, reason = "the names of primitive types are taken here")]

    use super::{Event, SHADOWED, State, on, on_failure, on_success};

    #[derive(Debug)]
    pub(crate) struct Option;
    #[derive(Debug)]
    pub(crate) struct Vec;
    #[derive(Debug)]
    pub(crate) struct Box;
    #[derive(Debug)]
    pub(crate) struct str;
    #[derive(Debug)]
    pub(crate) struct bool;
    #[derive(Debug)]
    pub(crate) struct u32;
    pub(crate) type Result = ();
    #[expect(dead_code, reason = "it only takes a name")]
    pub(crate) trait Into {}
    #[expect(dead_code, reason = "it only takes a name")]
    pub(crate) trait Future {}
    #[expect(dead_code, reason = "it only takes a name")]
    pub(crate) trait Send {}
    #[expect(dead_code, reason = "it only takes a name")]
    pub(crate) trait Sized {}
    pub(crate) mod core {}
    pub(crate) mod std {}
    pub(crate) mod pyventus {}

    #[expect(non_snake_case, non_upper_case_globals, reason = "the names of the prelude are taken here")]
    pub(crate) mod taken {
        pub(crate) fn Ok() {}
        pub(crate) fn Err() {}
        pub(crate) fn Some() {}
        pub(crate) const None: u8 = 0;
    }

    #[derive(Event)]
    pub(crate) struct Placed(pub(crate) u8);

    #[on(Placed)]
    fn handle(event: &Placed, pool: State<String>) -> ::core::result::Result<u8, ::std::fmt::Error> {
        use self::taken::{Err, None, Ok, Some};
        Ok();
        Err();
        Some();
        SHADOWED.push(format!("{} {} {:?}", event.0, *pool, (Option, Vec, Box, str, bool, u32)));
        if event.0 == None {
            ::core::result::Result::Err(::std::fmt::Error)
        } else {
            ::core::result::Result::Ok(event.0)
        }
    }

    #[on_success(handle)]
    async fn succeeded(value: u8) -> Result {
        SHADOWED.push(format!("succeeded {value}"));
    }

    #[on_failure(handle)]
    async fn failed(error: &::std::fmt::Error) {
        SHADOWED.push(format!("failed {error}"));
    }

    #[on(Placed)]
    mod flow {
        use super::*;

        #[on_event]
        async fn again(event: &Placed) -> u8 {
            event.0
        }

        #[on_success]
        fn ended(value: &u8) {
            SHADOWED.push(format!("again {value}"));
        }
    }
}

#[test]
fn a_shadowed_prelude_changes_nothing() {
    emitter().emit(shadowed::Placed(1));
    assert_eq!(SHADOWED.take(), ["1 pool (Option, Vec, Box, str, bool, u32)", "succeeded 1", "again 1"]);
    emitter().emit(shadowed::Placed(0));
    assert_eq!(
        SHADOWED.take(),
        [
            "0 pool (Option, Vec, Box, str, bool, u32)",
            "failed an error occurred when formatting an argument",
            "again 0"
        ],
    );
}

static BARE: Seen = Seen::new();

mod no_prelude {
    #![no_implicit_prelude]

    use crate::BARE;
    use ::core::primitive::u8;
    use ::pyventus::{Event, on, on_failure, on_success, once};
    use ::std::string::String;

    #[derive(Event)]
    pub(crate) struct Placed(pub(crate) u8);

    #[on(Placed)]
    fn handle(event: &Placed) -> ::pyventus::anyhow::Result<u8> {
        ::pyventus::anyhow::ensure!(event.0 > 0, "zero");
        ::core::result::Result::Ok(event.0)
    }

    #[on_success(handle)]
    fn succeeded(value: &u8) {
        BARE.push(::std::format!("succeeded {value}"));
    }

    #[on_failure(handle)]
    async fn failed(error: &::pyventus::anyhow::Error) {
        BARE.push(::std::format!("failed {error}"));
    }

    #[once("polite.bare", after(handle))]
    mod flow {
        use crate::BARE;
        use ::std::string::String;

        #[on_event]
        async fn handle(text: String) -> String {
            text
        }

        #[on_success]
        fn ended(text: String) {
            BARE.push(text);
        }
    }

    #[on("polite.bare")]
    async fn by_name(text: String, more: ::core::option::Option<u8>) {
        BARE.push(::std::format!("{text} {more:?}"));
    }
}

#[test]
fn no_prelude_is_needed() {
    emitter().emit(no_prelude::Placed(1));
    emitter().emit(no_prelude::Placed(0));
    assert_eq!(BARE.take(), ["succeeded 1", "failed zero"]);
    emitter().emit_with("polite.bare", args!["text"]);
    let mut seen = BARE.take();
    seen.sort();
    assert_eq!(seen, ["text", "text None"]);
}

static CONDITIONAL: Seen = Seen::new();

#[on("polite.cfg")]
#[cfg(any())]
fn absent() -> ! {
    loop {}
}

#[cfg(any())]
#[on("polite.cfg")]
fn absent_too(n: Nothing) {}

#[on("polite.cfg")]
#[cfg(all())]
fn present(
    #[cfg(any())] absent: &Nothing,
    #[cfg(all())] present: u8,
    #[cfg(any())] also_absent: Nothing,
    after: u8,
) -> u8 {
    CONDITIONAL.push(format!("present {present} {after}"));
    after
}

#[cfg_attr(all(), on_success(present))]
#[cfg_attr(any(), on_failure(absent))]
fn succeeded(value: u8, #[cfg(any())] absent: Nothing, #[cfg(all())] context: Context) {
    CONDITIONAL.push(format!("succeeded {value} {}", context.event_name()));
}

#[on("polite.cfg")]
mod conditional {
    use super::CONDITIONAL;

    #[on_event]
    fn handle() {}

    #[on_success]
    #[cfg(any())]
    fn absent() {}

    #[cfg(all())]
    #[on_success]
    fn ended() {
        CONDITIONAL.push("ended");
    }
}

#[test]
fn conditions_decide_what_is_there() {
    emitter().emit_with("polite.cfg", args![1, 2]);
    assert_eq!(CONDITIONAL.take(), ["present 1 2", "succeeded 2 polite.cfg", "ended"]);
}

static MARKED: Seen = Seen::new();

#[on("polite.marked")]
#[deprecated = "emit `polite.marked` instead"]
fn deprecated() -> u8 {
    MARKED.push("deprecated");
    1
}

/// Documentation of a handler.
#[on("polite.marked")]
/// It goes on below the attribute.
#[must_use]
#[inline]
#[track_caller]
fn must_use() -> u8 {
    MARKED.push("must_use");
    2
}

#[on_success(must_use)]
#[must_use]
#[deprecated]
fn success(value: u8) -> u8 {
    MARKED.push(format!("success {value}"));
    value
}

#[on_failure(must_use)]
#[must_use]
async fn failure(_: &anyhow::Error) -> u8 {
    MARKED.push("failure");
    2
}

#[must_use]
#[derive(Debug)]
struct Receipt;

#[on("polite.marked")]
async fn of_a_type_to_be_used() -> Receipt {
    MARKED.push("receipt");
    Receipt
}

#[on("polite.marked")]
const fn constant() -> u8 {
    3
}

#[test]
fn attributes_on_handlers_stay_and_are_nothing_to_warn_of() {
    emitter().emit("polite.marked");
    assert_eq!(MARKED.take(), ["deprecated", "must_use", "success 2", "receipt"]);
    assert_eq!((must_use(), constant()), (2, 3));
    assert_eq!(MARKED.take(), ["must_use"]);
}

static VISIBLE: Seen = Seen::new();

mod private {
    use super::{Event, VISIBLE, on, on_success};

    #[derive(Debug)]
    struct Secret(u8);

    #[derive(Event)]
    struct Hidden;

    #[expect(unreachable_pub, private_interfaces, reason = "a handler may be as visible as it likes")]
    #[on("polite.private", Hidden)]
    pub fn handle() -> Secret {
        VISIBLE.push("handle");
        Secret(1)
    }

    #[on_success(handle)]
    fn succeeded(secret: Secret) {
        VISIBLE.push(format!("succeeded {}", secret.0));
    }

    #[on("polite.private")]
    pub(in crate::private) fn restricted() -> Secret {
        Secret(2)
    }

    #[on_success(restricted)]
    fn looked(secret: &Secret) {
        VISIBLE.push(format!("looked {}", secret.0));
    }

    #[on(Hidden)]
    mod flow {
        use super::{Hidden, Secret, VISIBLE};

        #[on_event]
        fn handle(_: &Hidden) -> Secret {
            Secret(3)
        }

        #[on_success]
        fn ended(secret: Secret) {
            VISIBLE.push(format!("ended {}", secret.0));
        }
    }

    pub(crate) fn emit() {
        super::emitter().emit("polite.private");
        super::emitter().emit(Hidden);
    }
}

#[test]
fn private_types_stay_private() {
    private::emit();
    assert_eq!(VISIBLE.take(), ["handle", "succeeded 1", "looked 2", "handle", "succeeded 1", "ended 3"]);
}

static PARAMETERS: Seen = Seen::new();

#[derive(Event)]
struct Pair(u8, u8);

#[on(Pair)]
async fn patterns(&Pair(first, _): &Pair, State(pool): State<String>, mut more: Vec<u8>, _: Context) {
    more.push(first);
    PARAMETERS.push(format!("{first} {pool} {more:?}"));
}

#[on(Pair)]
fn bound(pair @ Pair(..): &Pair, mut n: Option<u8>, _: Option<u8>, (a, b): (u8, u8), _text: Option<&str>) {
    n = n.map(|n| n + a + b);
    PARAMETERS.push(format!("{} {n:?}", pair.1));
}

#[on(Pair)]
fn shared(mut pair: Arc<Pair>) -> Arc<Pair> {
    pair = Arc::new(Pair(pair.1, pair.0));
    pair
}

#[on_success(shared)]
fn taken(pair: &Arc<Pair>, State(pool): State<String>) {
    let Pair(first, second) = **pair;
    PARAMETERS.push(format!("taken {first} {second} {pool}"));
}

#[on(Pair)]
fn of_a_static_text(_: &Pair) -> &'static str {
    "static"
}

#[on_success(of_a_static_text)]
fn static_text(mut text: &'static str) {
    text = text.trim_start_matches('s');
    PARAMETERS.push(text);
}

#[test]
fn parameters_may_be_patterns_and_mutable() {
    emitter().emit_with(Pair(1, 2), args![Vec::from([9_u8]), more = [5, 6], n = 3]);
    assert_eq!(PARAMETERS.take()[..1], ["1 pool [5, 6, 1]"]);
    emitter().emit_with(Pair(1, 2), args![4, 5, (6, 7), more = [8]]);
    assert_eq!(PARAMETERS.take(), ["1 pool [8, 1]", "2 Some(17)", "taken 2 1 pool", "tatic"]);
}

static MADE: Seen = Seen::new();

macro_rules! handlers {
    ($($name:ident, $callback:ident: $key:literal, $event:ty, $reference:ty, $value:ty, $priority:expr;)+) => {$(
        #[on($key, $event, priority = $priority)]
        fn $name(event: $reference, n: $value, context: Context) -> $value {
            let value = (event as &dyn std::any::Any).is::<$event>();
            MADE.push(format!("{value} {n} {}", context.event_name()));
            n
        }

        #[on_success($name)]
        fn $callback(value: $value) {
            MADE.push(format!("callback {value}"));
        }
    )+};
}

#[derive(Event)]
struct Made;

handlers! {
    made, made_well: "polite.made", Made, &Made, u8, -1;
    made_again, made_well_again: "polite.made", Made, &Made, u8, 1;
}

macro_rules! flow {
    ($module:ident, $path:path) => {
        #[on(Made, after($path))]
        mod $module {
            #[on_event]
            fn handle() {}

            #[on_success]
            fn ended() {
                $crate::MADE.push("flow");
            }
        }
    };
}

flow!(made_of_a_macro, self::made);

#[test]
fn declarative_macros_make_handlers() {
    emitter().emit_with(Made, args![4]);
    assert_eq!(MADE.take(), ["true 4 Made", "callback 4", "true 4 Made", "callback 4", "flow"]);
}

mod events {
    pub(crate) mod facade {
        pub(crate) use pyventus::__private;
    }
}

static ELSEWHERE: Seen = Seen::new();
static LINKER: EventLinker = EventLinker::namespace("polite");

#[derive(Event)]
#[event(crate = crate::events::facade, name = "polite.elsewhere")]
struct Elsewhere;

#[once(Elsewhere, crate = crate::events::facade, linker = LINKER, blocking)]
fn elsewhere() {
    ELSEWHERE.push("elsewhere");
}

#[on_success(elsewhere, crate = crate::events::facade)]
fn elsewhere_too() {
    ELSEWHERE.push("elsewhere too");
}

#[test]
fn the_library_is_found_where_the_attribute_says() {
    let emitter = EventEmitter::builder(InlineBackend::new()).linker(&LINKER).build();
    emitter.emit(Elsewhere);
    emitter.emit(Elsewhere);
    assert_eq!(ELSEWHERE.take(), ["elsewhere", "elsewhere too"]);
}
