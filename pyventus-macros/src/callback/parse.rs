//! Tokens to what they say.
//!
//! ```text
//! #[on_success(path::to::handler)]
//! #[on_failure(path::to::handler, crate = ::my::pyventus)]
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

use crate::named;
use crate::options::{Given, skip_to_comma, unknown};
use crate::path::Library;
use crate::report::Report;

/// The handler that a callback belongs to.
pub(super) struct Target {
    pub(super) handler: Path,
    pub(super) library: Library,
}

/// Reads the arguments of the attribute of that name.
pub(super) fn target(args: TokenStream, name: &str, report: &mut Report) -> Option<Target> {
    if args.is_empty() {
        report.push(syn::Error::new(
            Span::call_site(),
            format!("name the handler: `#[{name}(handler)]`; without a name the attribute belongs inside a flow, an inline module under `#[on(..)]`"),
        ));
        return None;
    }
    let parsed = Parser::parse2(
        |input: ParseStream<'_>| {
            let handler = named::parse(input)?;
            let library = options(input, report)?;
            Ok(Target { handler, library })
        },
        args,
    );
    report.keep(parsed)
}

fn options(input: ParseStream<'_>, report: &mut Report) -> syn::Result<Library> {
    let mut library = Library::default();
    let mut given = Given::default();
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        let parsed = option(input, &mut given);
        if parsed.is_err() {
            skip_to_comma(input);
        }
        library = report.keep(parsed).unwrap_or(library);
    }
    Ok(library)
}

fn option(input: ParseStream<'_>, given: &mut Given) -> syn::Result<Library> {
    let option = input.call(Ident::parse_any).map_err(|error| {
        syn::Error::new(error.span(), "nothing but `crate = ::path` may follow the handler")
    })?;
    if option != "crate" {
        return Err(unknown(&option, &["crate"]));
    }
    given.once(&option)?;
    input.parse::<Token![=]>()?;
    Library::parse(input)
}
