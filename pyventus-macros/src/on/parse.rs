//! Tokens to what they say.
//!
//! ```text
//! #[on("text", Type, error(Type), .., event(..), error(..))]
//! #[on(Type, linker = ORDERS, priority = -1, blocking, before(a, b), after(c), crate = ::my::pyventus)]
//! #[on(Type, retry(5), timeout = "5s")]
//! #[on(Type, retry(attempts = 5, first = "200ms", max = "5m", factor = 3))]
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitInt, LitStr, Path, Token, Type, parenthesized, token};

use crate::named;
use crate::options::{Given, skip_to_comma, unknown};
use crate::path::Library;
use crate::report::Report;

use super::model::{Declaration, Key, Times};
use super::retry;

/// The options, besides `before(..)` and `after(..)`, which may be repeated.
const OPTIONS: &[&str] = &["linker", "priority", "blocking", "before", "after", "retry", "timeout", "crate"];

const NO_KEY: &str = "name at least one event: a text, a type, `error(Type)`, or `..` for everything";

/// Reads the arguments of the attribute and of those of its kind that stand below it, which are
/// taken off the item.
pub(super) fn declaration(
    args: TokenStream,
    attrs: &mut Vec<Attribute>,
    times: Times,
    report: &mut Report,
) -> Declaration {
    let mut reader = Reader::default();
    reader.read(args, report);
    attrs.retain(|attr| {
        let Some(other) = times_of(attr) else { return true };
        if other != times {
            report.error(attr, "a handler is declared with `#[on(..)]` or with `#[once(..)]`, not with both");
        }
        match &attr.meta {
            syn::Meta::List(list) => reader.read(list.tokens.clone(), report),
            _ => report.error(attr, NO_KEY),
        }
        false
    });
    if reader.declaration.keys.is_empty() && !reader.refused {
        report.push(syn::Error::new(Span::call_site(), NO_KEY));
    }
    reader.declaration
}

fn times_of(attr: &Attribute) -> Option<Times> {
    let last = &attr.path().segments.last()?.ident;
    if last == "on" {
        Some(Times::Always)
    } else if last == "once" {
        Some(Times::Once)
    } else {
        None
    }
}

#[derive(Default)]
struct Reader {
    declaration: Declaration,
    given: Given,
    /// Whether a key was given that is an error: then its absence is not another one.
    refused: bool,
}

impl Reader {
    fn read(&mut self, args: TokenStream, report: &mut Report) {
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if report.keep(self.item(input)).is_none() {
                    self.refused = true;
                    skip_to_comma(input);
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        let parsed = Parser::parse2(read, args);
        report.keep(parsed);
    }

    fn item(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            if text.value().is_empty() {
                return Err(syn::Error::new(
                    text.span(),
                    "the name of an event cannot be empty; use `..` for every event",
                ));
            }
            self.declaration.keys.push(Key::Text(text));
        } else if input.peek(Token![..]) {
            input.parse::<Token![..]>()?;
            self.declaration.keys.push(Key::Any);
        } else if input.peek(syn::Lit) {
            return Err(not_a_key(&input.parse()?));
        } else if is_ident(input) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            let option = input.call(Ident::parse_any)?;
            self.option(&option, input)?;
        } else if is_ident(input) && input.peek2(token::Paren) {
            let word = input.call(Ident::parse_any)?;
            let content;
            parenthesized!(content in input);
            let parsed = self.group(&word, &content);
            if parsed.is_err() {
                drop(content.parse::<TokenStream>());
            }
            parsed?;
        } else if let Some(option) = bare_option(input) {
            input.call(Ident::parse_any)?;
            if option != "blocking" {
                return Err(wrong_form(&option));
            }
            self.given.once(&option)?;
            self.declaration.blocking = true;
        } else {
            let ty = parse_type(
                input,
                "expected a key, such as \"text\", `Type`, `error(Type)` or `..`, or an option",
            )?;
            self.declaration.keys.push(Key::Event(ty));
        }
        Ok(())
    }

    /// `name = value`.
    fn option(&mut self, option: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let declaration = &mut self.declaration;
        let name = option.unraw().to_string();
        match name.as_str() {
            "linker" | "priority" | "timeout" | "crate" => {}
            "before" | "after" | "blocking" | "retry" => return Err(wrong_form(option)),
            _ => return Err(unknown(option, OPTIONS)),
        }
        self.given.once(option)?;
        input.parse::<Token![=]>()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(wrong_form(option));
        }
        match name.as_str() {
            "linker" => declaration.linker = Some(parse_linker(input)?),
            "crate" => {
                declaration.library = None;
                declaration.library = Some(Library::parse(input)?);
            }
            "timeout" => declaration.timeout = Some(retry::duration(input)?),
            _ => declaration.priority = parse_priority(input)?,
        }
        Ok(())
    }

    /// `name(..)`.
    fn group(&mut self, word: &Ident, content: ParseStream<'_>) -> syn::Result<()> {
        let declaration = &mut self.declaration;
        match word.to_string().as_str() {
            "event" => {
                if !content.peek(Token![..]) {
                    let message = "write `event(..)` for everything that is not an error, or the type without `event(..)`";
                    return Err(if content.is_empty() {
                        syn::Error::new(word.span(), message)
                    } else {
                        content.error(message)
                    });
                }
                content.parse::<Token![..]>()?;
                declaration.keys.push(Key::AnyEvent);
            }
            "error" => {
                if content.is_empty() {
                    return Err(syn::Error::new(
                        word.span(),
                        "write `error(Type)` for one type of error, `error(..)` for every error",
                    ));
                }
                if content.peek(Token![..]) {
                    content.parse::<Token![..]>()?;
                    declaration.keys.push(Key::AnyError);
                } else {
                    let ty = parse_type(content, "expected a type of error, or `..` for every error")?;
                    declaration.keys.push(Key::Error(ty));
                }
            }
            "before" | "after" => {
                let paths = Punctuated::<Path, Token![,]>::parse_terminated_with(content, named::parse)?;
                if paths.is_empty() {
                    return Err(wrong_form(word));
                }
                if word == "before" { &mut declaration.before } else { &mut declaration.after }.extend(paths);
            }
            "retry" => {
                self.given.once(word)?;
                declaration.retry = Some(retry::policy(word, content)?);
            }
            option if OPTIONS.contains(&option) => return Err(wrong_form(word)),
            _ => {
                return Err(unknown(
                    word,
                    &[
                        "event", "error", "linker", "priority", "blocking", "before", "after", "retry",
                        "timeout", "crate",
                    ],
                ));
            }
        }
        if content.is_empty() { Ok(()) } else { Err(content.error("nothing more is expected here")) }
    }
}

/// A path, for the linker.
fn parse_linker(input: ParseStream<'_>) -> syn::Result<Path> {
    if input.peek(syn::Lit) {
        return Err(input.error(
            "a linker is given by the path of its `static`, such as `static ORDERS: EventLinker = EventLinker::namespace(\"orders\")`",
        ));
    }
    input.parse()
}

/// A whole number with its sign.
fn parse_priority(input: ParseStream<'_>) -> syn::Result<i32> {
    let minus = input.parse::<Option<Token![-]>>()?.map_or("", |_| "-");
    let value: LitInt =
        input.parse().map_err(|error| syn::Error::new(error.span(), "a priority is a whole number"))?;
    if !matches!(value.suffix(), "" | "i32") {
        return Err(syn::Error::new(value.span(), "a priority is an `i32`: leave the type out"));
    }
    format!("{minus}{}", value.base10_digits()).parse().map_err(|_| {
        syn::Error::new(value.span(), format!("a priority lies between {} and {}", i32::MIN, i32::MAX))
    })
}

/// A type; where there is none, the error says what may stand in its place.
fn parse_type(input: ParseStream<'_>, expected: &str) -> syn::Result<Type> {
    input.parse().map_err(|error: syn::Error| syn::Error::new(error.span(), expected))
}

/// The name of an option that stands alone, as a key would.
fn bare_option(input: ParseStream<'_>) -> Option<Ident> {
    let ahead = input.fork();
    let option = ahead.call(Ident::parse_any).ok()?;
    let alone = ahead.is_empty() || ahead.peek(Token![,]);
    (alone && OPTIONS.iter().any(|known| option == known)).then_some(option)
}

/// A literal that is not a text.
fn not_a_key(literal: &syn::Lit) -> syn::Error {
    let text = match literal {
        syn::Lit::Char(char) => Some(char.value().to_string()),
        syn::Lit::Int(int) => Some(int.to_string()),
        syn::Lit::Float(float) => Some(float.to_string()),
        syn::Lit::Bool(bool) => Some(bool.value.to_string()),
        _ => None,
    };
    let text = text.map(|text| format!(", such as {text:?}")).unwrap_or_default();
    syn::Error::new(
        literal.span(),
        format!("an event is named by a text or a type; write a text in double quotes{text}"),
    )
}

/// An option that is known, and written in another form than its own.
fn wrong_form(option: &Ident) -> syn::Error {
    let form = match option.unraw().to_string().as_str() {
        "before" | "after" => format!("name the handlers in parentheses: `{option}(path)`"),
        "linker" => String::from("write the path of the linker: `linker = ORDERS`"),
        "blocking" => String::from("write `blocking` and nothing more"),
        "priority" => String::from("write a whole number: `priority = 1`"),
        "retry" => String::from("write how often the handler is tried: `retry(5)`"),
        "timeout" => String::from("write how long the handler may take: `timeout = \"5s\"`"),
        _ => String::from("write where pyventus is found: `crate = ::path`"),
    };
    syn::Error::new(option.span(), form)
}

fn is_ident(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any)
}
