//! A flow: an inline module that holds a handler and its callbacks.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, Item, Token, Visibility, braced};

use crate::callback;
use crate::function::Function;
use crate::path::Private;
use crate::report::Report;

/// An inline module under `#[on(..)]`.
pub(super) struct Module {
    pub(super) attrs: Vec<Attribute>,
    vis: Visibility,
    token: Token![mod],
    pub(super) name: Ident,
    items: Option<Vec<Item>>,
}

impl Parse for Module {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let token = input.parse()?;
        let name = input.parse()?;
        if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            return Ok(Self { attrs, vis, token, name, items: None });
        }
        let content;
        braced!(content in input);
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self { attrs, vis, token, name, items: Some(items) })
    }
}

/// What a function of the module is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Handler,
    Callback(callback::Kind),
}

/// A module taken apart.
pub(super) struct Flow {
    pub(super) module: Module,
    /// Whether the items of the module are here, and not in a file of their own.
    inline: bool,
    pub(super) handler: Option<Function>,
    callbacks: Vec<(callback::Kind, Function)>,
    /// The items as written, without the attributes that mark roles.
    items: Vec<TokenStream>,
}

impl Flow {
    /// Finds the handler and the callbacks of the module.
    pub(super) fn new(mut module: Module, report: &mut Report) -> Self {
        let items = module.items.take();
        let inline = items.is_some();
        let mut flow = Self { module, inline, handler: None, callbacks: Vec::new(), items: Vec::new() };
        for item in items.into_iter().flatten() {
            flow.add(item, report);
        }
        if !inline {
            report.error(
                &flow.module.name,
                "a flow is an inline module: its functions are read here; write them in braces",
            );
        } else if flow.handler.is_none() {
            report.error(&flow.module.name, "a flow needs a handler: one function under `#[on_event]`");
        }
        flow
    }

    fn add(&mut self, mut item: Item, report: &mut Report) {
        let Item::Fn(mut function) = item else {
            for attr in roles_taken_off(&mut item) {
                report.error(attr, "inside a flow, this attribute belongs on a function");
            }
            self.items.push(item.into_token_stream());
            return;
        };
        let mut role = None;
        for attr in take_roles(&mut function.attrs) {
            if !matches!(attr.meta, syn::Meta::Path(_)) {
                report.error(&attr, "inside a flow, this attribute takes nothing: the events are named on the module, and callbacks belong to the handler of the flow");
            }
            if role.is_some() {
                report.error(&attr, "a function of a flow has one role; write one function for each");
            }
            role = role_of(&attr);
        }
        let function = Function::from(function);
        self.items.push(function.to_token_stream());
        match role {
            None => {}
            Some(Role::Handler) => self.add_handler(function, report),
            Some(Role::Callback(kind)) => {
                callback::check(&function, kind, report);
                self.callbacks.push((kind, function));
            }
        }
    }

    fn add_handler(&mut self, function: Function, report: &mut Report) {
        if let Some(first) = &self.handler {
            report.error(
                function.name(),
                "a flow has one handler, and this is a second one under `#[on_event]`; give it a flow of its own",
            );
            report.error(first.name(), "the first handler of the flow is here");
            return;
        }
        if let Some(cfg) = function.cfgs().next() {
            report.error(cfg, "a flow is nothing without its handler: put the `#[cfg(..)]` on the module");
        }
        self.handler = Some(function);
    }

    /// The callbacks, as expressions that stand inside the module.
    pub(super) fn callbacks(&self, private: &Private) -> Vec<TokenStream> {
        let Some(handler) = self.handler.as_ref().map(Function::name) else { return Vec::new() };
        let callbacks = self.callbacks.iter();
        callbacks
            .map(|(kind, function)| {
                let (cfgs, record) =
                    (function.cfgs(), callback::record(function, *kind, &quote!(#handler), private));
                quote!(#(#cfgs)* #record)
            })
            .collect()
    }

    /// The module with what its functions leave behind.
    pub(super) fn expand(&self, leave: &TokenStream) -> TokenStream {
        let Self { module: Module { attrs, vis, token, name, .. }, items, .. } = self;
        if !self.inline {
            return quote!(#(#attrs)* #vis #token #name;);
        }
        quote! {
            #(#attrs)*
            #vis #token #name {
                #(#items)*
                #leave
            }
        }
    }
}

/// Takes the attributes that mark roles off a function.
fn take_roles(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    attrs.extract_if(.., |attr| role_of(attr).is_some()).collect()
}

/// Takes the attributes that mark roles off an item that can have none.
fn roles_taken_off(item: &mut Item) -> Vec<Attribute> {
    match item {
        Item::Const(item) => take_roles(&mut item.attrs),
        Item::Enum(item) => take_roles(&mut item.attrs),
        Item::Impl(item) => take_roles(&mut item.attrs),
        Item::Mod(item) => take_roles(&mut item.attrs),
        Item::Static(item) => take_roles(&mut item.attrs),
        Item::Struct(item) => take_roles(&mut item.attrs),
        Item::Trait(item) => take_roles(&mut item.attrs),
        Item::Type(item) => take_roles(&mut item.attrs),
        Item::Use(item) => take_roles(&mut item.attrs),
        _ => Vec::new(),
    }
}

fn role_of(attr: &Attribute) -> Option<Role> {
    let last = &attr.path().segments.last()?.ident;
    if last == "on_event" {
        Some(Role::Handler)
    } else if last == "on_success" {
        Some(Role::Callback(callback::Kind::Success))
    } else if last == "on_failure" {
        Some(Role::Callback(callback::Kind::Failure))
    } else {
        None
    }
}
