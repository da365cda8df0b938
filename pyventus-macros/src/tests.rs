//! What no compiler run shows: that odd tokens never make the macros panic, and what their
//! expansions look like.

use std::path::Path;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::{callback, event, on};

const ARGS: &[&str] = &[
    "",
    ",",
    ", ,",
    "\"a\"",
    "\"a\",",
    "\"a\" \"b\"",
    "\"\"",
    "b\"a\", c\"a\", 'a', 1, 1.5, -1, true",
    "..",
    "...",
    "..=",
    "_",
    "!",
    "'a",
    "@ # $ ?",
    "=",
    "= =",
    "a = = b",
    "a == b",
    "Type, error(Type), error(..), event(..)",
    "error",
    "error()",
    "error(,)",
    "error(.., ..)",
    "event(Type)",
    "event[..]",
    "<T as Trait>::Type, [u8], (A, B), fn(A) -> B, dyn A + B, impl A, &'a T, *const T, Vec<Vec<u8>>",
    "Vec<",
    "Vec<<",
    "linker",
    "linker = ",
    "linker = ,",
    "linker = \"a\"",
    "linker = A, linker = B",
    "linker(A)",
    "priority = -",
    "priority = --1",
    "priority = 99999999999999999999999999999999999999999",
    "priority = -2147483648, priority = 0x10",
    "blocking, blocking, blocking = 1, blocking()",
    "before, after",
    "before(), after(,)",
    "before(a b), after(a::<B>, self, crate::x, ::x, super)",
    "before(a, b,, c)",
    "crate",
    "crate = ",
    "crate = crate",
    "crate = self::a, crate = \"a\"",
    "crate = ::a, \"x\"",
    "r#linker = A, r#type = B, r#error(T)",
    "self, Self, super, fn, async",
    "{ } [ ] ( )",
    "unsafe { x }",
    "a, b, c, d = e(f = g)",
];

const ITEMS: &[&str] = &[
    "",
    ";",
    "fn",
    "fn f",
    "fn f()",
    "fn f();",
    "fn f() {}",
    "fn f() { half written + }",
    "pub(in self::a) const async unsafe extern \"C\" fn r#type<'a, T: ?Sized, const N: usize>(self, x: &mut T, y: impl T, _: ...) -> &'a T where T: T { }",
    "fn f(&self, self: Box<Self>, mut self) -> ! {}",
    "fn f((a, b): (A, B), [c, ..]: [u8; 3], ref d: D, _: E, f @ 1..=2: F, #[cfg(any())] g: &G, h: Option<&H>) {}",
    "fn f(a: &'static A, b: Box<dyn Fn(&A) -> &A>, c: for<'a> fn(&'a A)) -> Result<Option<&'_ str>, &'static str> {}",
    "#[on(\"a\")] #[once] #[on = 1] #[a::on(\"b\", x)] #[on_event] #[cfg(x)] fn f() {}",
    "mod m;",
    "mod m {}",
    "mod m { fn f() {} struct S; #[on_event] struct T; #[on_success] impl A {} #[on_failure] macro_rules! m { () => {} } }",
    "mod m { #[on_event] fn f() {} #[on_event] #[cfg(x)] fn g() {} #[on_event(1)] #[on_success] fn h() {} }",
    "mod m { #[on_event] fn f(&self) {} #[on_success(f)] fn g(a: &A, b: &B, c: &str) {} #[cfg(x)] #[on_failure] async fn h(e: &dyn E) {} }",
    "mod m { #![inner] #[on_event] fn f() {} }",
    "struct S;",
    "struct S<T>(T);",
    "enum E<'a> { A(&'a str), }",
    "union U { a: u8 }",
    "impl S { fn f() {} }",
    "#[event] #[event()] #[event(,)] #[event = 1] struct S;",
    "#[event(name)] #[event(name =)] #[event(name = 1)] #[event(name = \"\")] #[event(name(\"a\"))] struct S;",
    "#[event(name = \"a\" name = \"b\", crate = a, crate, nmae = 1, 1)] enum E {}",
    "#[event(crate = ::a, name = \"a\",)] struct r#S;",
    "trait T { fn f(&self); }",
    "let x = 1;",
    "use a::b; fn f() {} fn g() {}",
];

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("the tokens of a test are tokens")
}

/// What a `macro_rules!` makes of the tokens it passes on.
fn invisibly_grouped(tokens: TokenStream) -> TokenStream {
    TokenTree::Group(Group::new(Delimiter::None, tokens)).into()
}

fn expansions(args: &TokenStream, item: &TokenStream) -> Vec<TokenStream> {
    vec![
        on::expand(args.clone(), item, on::Times::Always),
        on::expand(args.clone(), item, on::Times::Once),
        callback::expand(args.clone(), item, callback::Kind::Success),
        callback::expand(args.clone(), item, callback::Kind::Failure),
        on::misplaced_on_event(item),
    ]
}

#[test]
fn odd_tokens_are_answered_with_code_and_never_with_a_panic() {
    for args in ARGS {
        for item in ITEMS {
            let (args_tokens, item_tokens) = (tokens(args), tokens(item));
            let was_code = syn::parse2::<syn::File>(item_tokens.clone()).is_ok();
            for grouped in [args_tokens.clone(), invisibly_grouped(args_tokens)] {
                for expansion in expansions(&grouped, &item_tokens) {
                    let is_code = syn::parse2::<syn::File>(expansion.clone());
                    assert!(is_code.is_ok() || !was_code, "#[on({args})] {item}\nbecame\n{expansion}");
                }
            }
            drop(expansions(&tokens(args), &invisibly_grouped(item_tokens)));
        }
    }
}

#[test]
fn odd_types_are_answered_by_the_derive_with_code_and_never_with_a_panic() {
    for item in ITEMS {
        let expansion = event::expand(tokens(item));
        assert!(syn::parse2::<syn::File>(expansion.clone()).is_ok(), "{item}\nbecame\n{expansion}");
    }
}

#[test]
fn a_refused_function_is_left_as_it_was() {
    let item = tokens("/// A handler.\npub(crate) async fn handler(n: u8) -> u8 { n + }");
    for args in ["", "\"\"", "1", "colour = 1"] {
        let expansion = on::expand(tokens(args), &item, on::Times::Always).to_string();
        assert!(expansion.starts_with(&item.to_string()), "{expansion}");
        assert!(expansion.contains("compile_error"), "{expansion}");
    }
}

/// Compares an expansion with the one that is kept; `SNAPSHOTS=overwrite` keeps a new one.
fn assert_snapshot(name: &str, expansion: TokenStream) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(name).with_extension("rs");
    let found = prettyplease::unparse(&syn::parse2(expansion).expect("an expansion is code"));
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        std::fs::write(&path, found).expect("a snapshot can be written");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == found,
        "{} is out of date; `SNAPSHOTS=overwrite cargo test -p pyventus-macros` writes it anew. Found:\n{found}",
        path.display(),
    );
}

#[test]
fn a_synchronous_handler_expands_as_kept() {
    let item = tokens("fn ship(order: &OrderPlaced, note: Option<&str>, count: u32) -> u64 { order.id }");
    let args = tokens("OrderPlaced, error(Refused), linker = ORDERS, priority = -1, after(bill)");
    assert_snapshot("on_sync", on::expand(args, &item, on::Times::Always));
}

#[test]
fn an_asynchronous_handler_expands_as_kept() {
    let item =
        tokens("pub async fn ship(State(pool): State<Pool>) -> Result<(), Refused> { pool.ship().await }");
    assert_snapshot("on_async", on::expand(tokens("\"order.placed\""), &item, on::Times::Always));
}

#[test]
fn a_flow_expands_as_kept() {
    let item = tokens(
        "mod shipping {
            use super::*;
            #[on_event]
            fn ship() -> Result<Receipt, Refused> { Ok(Receipt) }
            #[on_success]
            async fn shipped(receipt: Receipt, context: Context) {}
            #[on_failure]
            fn refused(error: &Refused) {}
        }",
    );
    assert_snapshot("flow", on::expand(tokens("\"order.placed\""), &item, on::Times::Once));
}

#[test]
fn a_failure_callback_expands_as_kept() {
    let item = tokens("async fn refused(error: &Refused, State(pool): State<Pool>) {}");
    assert_snapshot("on_failure", callback::expand(tokens("shipping::ship"), &item, callback::Kind::Failure));
}

/// How many tokens there are, those in groups included.
fn count(tokens: TokenStream) -> usize {
    let of = |token| match token {
        TokenTree::Group(group) => 2 + count(group.stream()),
        _ => 1,
    };
    tokens.into_iter().map(of).sum()
}

// Thousands of handlers are to compile in little time, most of which goes with the tokens.
#[test]
fn an_expansion_keeps_to_its_budget_of_tokens() {
    let function = |args, item| on::expand(tokens(args), &tokens(item), on::Times::Always);
    let budgets = [
        ("a handler without parameters", function("\"e\"", "fn h() {}"), 670),
        ("one that borrows the object", function("E", "fn h(e: &E) {}"), 850),
        (
            "an asynchronous one",
            function("\"e\"", "async fn h(a: u32, b: String) -> Result<(), E> { Ok(()) }"),
            980,
        ),
        (
            "a failure callback",
            callback::expand(tokens("h"), &tokens("fn f(e: &E) {}"), callback::Kind::Failure),
            710,
        ),
        ("an event", event::expand(tokens("struct E { id: u64 }")), 330),
    ];
    for (what, expansion, budget) in budgets {
        let found = count(expansion);
        assert!(found <= budget, "{what} expands to {found} tokens, which are more than {budget}");
    }
}
