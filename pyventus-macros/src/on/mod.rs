//! `#[on(..)]` and `#[once(..)]`: a function, or a flow, answers events.

mod parse;
mod model;
mod retry;
mod flow;
mod expand;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Token, Visibility};

use crate::function::Function;
use crate::path::Library;
use crate::report::Report;

pub(crate) use model::Times;

use flow::{Flow, Module};
use model::Declaration;

/// What the attribute stands on.
enum Item {
    Function(Box<Function>),
    Module(Module),
}

pub(crate) fn expand(args: TokenStream, item: &TokenStream, times: Times) -> TokenStream {
    let mut report = Report::default();
    match report.keep(Parser::parse2(parse_item, item.clone())) {
        Some(Item::Function(function)) => expand_function(args, *function, times, report),
        Some(Item::Module(module)) => expand_flow(args, module, times, report),
        None => behind(item, &report),
    }
}

fn expand_function(
    args: TokenStream,
    mut function: Function,
    times: Times,
    mut report: Report,
) -> TokenStream {
    let declaration = parse::declaration(args, &mut function.attrs, times, &mut report);
    let mut of_function = Report::default();
    function.check("a handler", &mut of_function);
    let vis = function.vis.to_token_stream();
    let path = function.name().to_token_stream();
    if report.is_empty()
        && of_function.is_empty()
        && let Some(library) = &declaration.library
    {
        let private = library.private();
        let handler = expand::handler(&function, &vis, declaration.is_typed(), &[], &private);
        let registration = expand::registration(&declaration, times, &path, &private);
        return quote!(#function #handler #registration);
    }
    let Left { handler, rest } = leave(&declaration, &function, &vis, &path, report, of_function);
    quote!(#function #handler #rest)
}

fn expand_flow(args: TokenStream, mut module: Module, times: Times, mut report: Report) -> TokenStream {
    let declaration = parse::declaration(args, &mut module.attrs, times, &mut report);
    let flow = Flow::new(module, &mut report);
    let Some(function) = &flow.handler else {
        // The roles mean nothing to the compiler once the flow is refused.
        return behind(&flow.expand(&TokenStream::new()), &report);
    };
    let mut of_function = Report::default();
    function.check("a handler", &mut of_function);
    let vis = expand::at_least_super(&function.vis);
    let (module, name) = (&flow.module.name, function.name());
    let path = quote!(#module::#name);
    if report.is_empty()
        && of_function.is_empty()
        && let Some(library) = &declaration.library
    {
        let private = library.private();
        let callbacks = flow.callbacks(&private);
        let handler = expand::handler(function, &vis, declaration.is_typed(), &callbacks, &private);
        let module = flow.expand(&handler);
        let registration = expand::registration(&declaration, times, &path, &private);
        return quote!(#module #registration);
    }
    let Left { handler, rest } = leave(&declaration, function, &vis, &path, report, of_function);
    let module = flow.expand(&handler);
    quote!(#module #rest)
}

/// What is left of a handler where something is wrong.
struct Left {
    /// Beside the function: its type, so that those who name it hear nothing of it.
    handler: TokenStream,
    /// Where the attribute stands: the errors.
    rest: TokenStream,
}

fn leave(
    declaration: &Declaration,
    function: &Function,
    vis: &TokenStream,
    path: &TokenStream,
    mut report: Report,
    of_function: Report,
) -> Left {
    let library = declaration.library.as_ref().filter(|_| !function.is_method());
    let Some(private) = library.map(Library::private) else {
        report.append(of_function);
        return Left { handler: TokenStream::new(), rest: report.errors() };
    };
    let errors = report.errors();
    let unregistered = expand::unregistered(path, &private);
    if of_function.is_empty() {
        let handler = expand::handler(function, vis, false, &[], &private);
        return Left { handler, rest: quote!(#unregistered #errors) };
    }
    let (first, others) = of_function.apart();
    let handler = expand::refused(function, vis, &first, &private);
    Left { handler, rest: quote!(#unregistered #errors #others) }
}

pub(crate) fn misplaced_on_event(item: &TokenStream) -> TokenStream {
    let mut report = Report::default();
    report.push(syn::Error::new(
        proc_macro2::Span::call_site(),
        "`#[on_event]` marks the handler of a flow: it belongs inside an inline module under `#[on(..)]`; a function of its own is declared with `#[on(..)]` itself",
    ));
    behind(item, &report)
}

/// The user's item as it was, with all errors behind it.
fn behind(item: &TokenStream, report: &Report) -> TokenStream {
    let errors = report.errors();
    quote!(#item #errors)
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
    input.parse().map(Box::new).map(Item::Function)
}
