//! `#[on(..)]` and `#[once(..)]`: a function, or a flow, answers events.

mod parse;
mod model;
mod flow;
mod expand;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Token, Visibility};

use crate::function::Function;
use crate::report::Report;

pub(crate) use expand::{imports, returns};
pub(crate) use model::Times;

use flow::{Flow, Module};

/// What the attribute stands on.
enum Item {
    Function(Function),
    Module(Module),
}

pub(crate) fn expand(args: TokenStream, item: TokenStream, times: Times) -> TokenStream {
    let mut report = Report::default();
    match report.keep(Parser::parse2(parse_item, item.clone())) {
        Some(Item::Function(function)) => expand_function(args, item, function, times, report),
        Some(Item::Module(module)) => expand_flow(args, item, module, times, report),
        None => report.finish(item, TokenStream::new),
    }
}

fn expand_function(
    args: TokenStream,
    item: TokenStream,
    mut function: Function,
    times: Times,
    mut report: Report,
) -> TokenStream {
    let declaration = parse::declaration(args, &mut function.attrs, times, &mut report);
    function.check("a handler", &mut report);
    report.finish(item, || {
        let private = declaration.library.private();
        let vis = function.vis.to_token_stream();
        let handler = expand::handler(&function, &vis, declaration.is_typed(), &[], &private);
        let registration = expand::registration(&declaration, times, &function.name().to_token_stream());
        quote!(#function #handler #registration)
    })
}

fn expand_flow(
    args: TokenStream,
    item: TokenStream,
    mut module: Module,
    times: Times,
    mut report: Report,
) -> TokenStream {
    let declaration = parse::declaration(args, &mut module.attrs, times, &mut report);
    let flow = Flow::new(module, &mut report);
    // The roles mean nothing to the compiler once the flow is refused.
    let bare = flow.expand(&TokenStream::new());
    let Some(function) = &flow.handler else { return report.finish(item, TokenStream::new) };
    report.finish(bare, || {
        let private = declaration.library.private();
        let vis = expand::at_least_super(&function.vis);
        let callbacks = flow.callbacks(&private);
        let handler = expand::handler(function, &vis, declaration.is_typed(), &callbacks, &private);
        let module = flow.expand(&handler);
        let (flow, name) = (&flow.module.name, function.name());
        let registration = expand::registration(&declaration, times, &quote!(#flow::#name));
        quote!(#module #registration)
    })
}

pub(crate) fn misplaced_on_event(item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    report.push(syn::Error::new(
        proc_macro2::Span::call_site(),
        "`#[on_event]` marks the handler of a flow: it belongs inside an inline module under `#[on(..)]`; a function of its own is declared with `#[on(..)]` itself",
    ));
    report.finish(item, TokenStream::new)
}

fn parse_item(input: ParseStream<'_>) -> syn::Result<Item> {
    let ahead = input.fork();
    ahead.call(Attribute::parse_outer)?;
    ahead.parse::<Visibility>()?;
    if ahead.peek(Token![mod]) {
        return input.parse().map(Item::Module);
    }
    if ahead.parse::<syn::Signature>().is_err() {
        return Err(
            ahead.error("this attribute belongs on a function, or on an inline module that holds a flow")
        );
    }
    input.parse().map(Item::Function)
}
