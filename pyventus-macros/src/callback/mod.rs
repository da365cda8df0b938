//! `#[on_success(..)]` and `#[on_failure(..)]`: a function answers the outcome of a handler.

mod parse;
mod expand;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use crate::function::Function;
use crate::param::{Param, peel};
use crate::path::display;
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

pub(crate) fn expand(args: TokenStream, item: &TokenStream, kind: Kind) -> TokenStream {
    let mut report = Report::default();
    let name = kind.attribute();
    let function = report
        .keep(syn::parse2::<Function>(item.clone()).map_err(|error| {
            syn::Error::new(error.span(), format!("`#[{name}(..)]` belongs on a function"))
        }));
    let target = parse::target(args, name, &mut report);
    if let Some(function) = &function {
        check(function, kind, &mut report);
    }
    match (function, target) {
        (Some(function), Some(target)) if report.is_empty() => {
            let registration = expand::registration(&function, kind, &target);
            quote!(#function #registration)
        }
        _ => {
            let errors = report.errors();
            quote!(#item #errors)
        }
    }
}

/// Refuses what no callback can be.
pub(crate) fn check(function: &Function, kind: Kind, report: &mut Report) {
    let what = match kind {
        Kind::Success => "a success callback",
        Kind::Failure => "a failure callback",
    };
    function.check(what, report);
    let params = function.params();
    let mut references = params.iter().filter(|param| param.referent().is_some());
    if let Some(first) = references.next() {
        check_reference(first, kind, report);
    }
    let received = match kind {
        Kind::Success => "the value of the handler",
        Kind::Failure => "the error of the handler",
    };
    for param in references {
        report.error(
            &param.ty,
            format!("{what} takes one reference, to {received}; take `Context` or `State<T>` by value"),
        );
    }
}

/// Refuses references to what is not a type of its own: nobody returns such a value.
fn check_reference(param: &Param, kind: Kind, report: &mut Report) {
    let Some(ty) = param.referent().map(peel) else { return };
    let text = matches!(ty, Type::Path(path) if path.path.is_ident("str"));
    if !text && !matches!(ty, Type::Slice(_) | Type::TraitObject(_)) {
        return;
    }
    let ty = display(ty);
    match kind {
        Kind::Success => report.error(
            &param.ty,
            format!("no handler succeeds with `{ty}`, which has no size: write the success type of the handler, such as `&String` for a `String`"),
        ),
        Kind::Failure => report.error(
            &param.ty,
            format!("no handler fails with `{ty}`, which has no size: write `&anyhow::Error` for every failure, or `&E` for one type of error"),
        ),
    }
}
