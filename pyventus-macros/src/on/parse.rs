//! Tokens to what they say.
//!
//! ```text
//! #[on("text", Type, error(Type), .., event(..), error(..))]
//! #[on(Type, linker = ORDERS, priority = -1, before(a, b), after(c), crate = ::my::pyventus)]
//! ```

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Path, Token, Type, parenthesized, token};

use crate::options::{Given, skip_to_comma, unknown};
use crate::path::Library;
use crate::report::Report;

use super::model::{Declaration, Key, Priority, Times};

/// The options, besides `before(..)` and `after(..)`, which may be repeated.
const OPTIONS: &[&str] = &["linker", "priority", "before", "after", "crate"];

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
            _ => report.error(attr, "name at least one event"),
        }
        false
    });
    if reader.declaration.keys.is_empty() && !reader.refused {
        report.push(syn::Error::new(
            proc_macro2::Span::call_site(),
            "name at least one event: a text, a type, `error(Type)`, or `..` for everything",
        ));
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
            let literal: syn::Lit = input.parse()?;
            return Err(syn::Error::new(
                literal.span(),
                "an event is named by a text or a type; write the text in double quotes",
            ));
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
        } else {
            self.declaration.keys.push(Key::Event(input.parse::<Type>()?));
        }
        Ok(())
    }

    /// `name = value`.
    fn option(&mut self, option: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let declaration = &mut self.declaration;
        match option.unraw().to_string().as_str() {
            "linker" | "priority" | "crate" => {}
            "before" | "after" => {
                return Err(syn::Error::new(
                    option.span(),
                    format!("write the handler in parentheses: `{option}(path)`"),
                ));
            }
            _ => return Err(unknown(option, OPTIONS)),
        }
        self.given.once(option)?;
        input.parse::<Token![=]>()?;
        if option == "linker" {
            declaration.linker = Some(input.parse()?);
        } else if option == "crate" {
            declaration.library = Library::at(input.parse()?)?;
        } else {
            let negative = input.parse::<Option<Token![-]>>()?.is_some();
            let value: syn::LitInt = input
                .parse()
                .map_err(|error| syn::Error::new(error.span(), "a priority is a whole number"))?;
            if let Err(error) = value.base10_parse::<i32>() {
                return Err(syn::Error::new(
                    value.span(),
                    format!("a priority is a whole number of 32 bits: {error}"),
                ));
            }
            declaration.priority = Some(Priority { negative, value });
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
                    declaration.keys.push(Key::Error(content.parse()?));
                }
            }
            "before" | "after" => {
                let paths = Punctuated::<Path, Token![,]>::parse_terminated_with(content, Path::parse)?;
                if paths.is_empty() {
                    return Err(syn::Error::new(word.span(), format!("name a handler: `{word}(path)`")));
                }
                if word == "before" { &mut declaration.before } else { &mut declaration.after }.extend(paths);
            }
            option if OPTIONS.contains(&option) => {
                return Err(syn::Error::new(word.span(), format!("write `{option} = ..`")));
            }
            _ => {
                return Err(unknown(
                    word,
                    &["event", "error", "linker", "priority", "before", "after", "crate"],
                ));
            }
        }
        if content.is_empty() { Ok(()) } else { Err(content.error("nothing more is expected here")) }
    }
}

fn is_ident(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any)
}
