//! `#[on_success(..)]` and `#[on_failure(..)]`: a function answers the outcome of a handler.

mod expand;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;

use crate::function::Function;
use crate::path::Library;
use crate::report::Report;

pub(crate) use expand::record;

/// Which outcome a callback answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Success,
    Failure,
}

impl Kind {
    fn attribute(self) -> &'static str {
        match self {
            Self::Success => "on_success",
            Self::Failure => "on_failure",
        }
    }
}

pub(crate) fn expand(args: TokenStream, item: TokenStream, kind: Kind) -> TokenStream {
    let mut report = Report::default();
    let name = kind.attribute();
    let function = report
        .keep(syn::parse2::<Function>(item.clone()).map_err(|error| {
            syn::Error::new(error.span(), format!("`#[{name}(..)]` belongs on a function"))
        }));
    let handler = if args.is_empty() {
        report.push(syn::Error::new(
            proc_macro2::Span::call_site(),
            format!("name the handler: `#[{name}(handler)]`; without a name the attribute belongs inside a flow, an inline module under `#[on(..)]`"),
        ));
        None
    } else {
        report.keep(syn::parse2::<Path>(args.clone()).map_err(|error| {
            syn::Error::new(
                error.span(),
                format!("`#[{name}(..)]` takes the path of a handler, the function under `#[on(..)]`"),
            )
        }))
    };
    if let Some(function) = &function {
        check(function, kind, &mut report);
    }
    report.finish(item, || {
        let private = Library::default().private();
        let record = function
            .as_ref()
            .zip(handler)
            .map(|(function, handler)| record(function, kind, &handler.to_token_stream(), &private));
        let registration = record.map(|record| expand::registration(&record, &private));
        quote!(#function #registration)
    })
}

/// Refuses what no callback can be.
pub(crate) fn check(function: &Function, kind: Kind, report: &mut Report) {
    let what = match kind {
        Kind::Success => "a success callback",
        Kind::Failure => "a failure callback",
    };
    function.check(what, report);
    let received = match kind {
        Kind::Success => "the value of the handler",
        Kind::Failure => "the error of the handler",
    };
    for param in function.params().iter().filter(|param| param.referent().is_some()).skip(1) {
        report.error(
            &param.ty,
            format!("{what} takes one reference, to {received}; take `Context` or `State<T>` by value"),
        );
    }
}
