//! What they say to code.
//!
//! A handler leaves two things: beside the function, a type of its name that knows how to call it;
//! where the attribute stands, the registration. For a plain function these are the same place.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Type, Visibility};

use crate::call::{boxed, call, end, imports};
use crate::function::Function;
use crate::named::Named;
use crate::param::{Param, peel};
use crate::path::{Private, ends, generated, here, up_to};

use super::model::{Declaration, Key, Times};
use super::retry;

/// The type of the function's name, and how the function is called.
pub(super) fn handler(
    function: &Function,
    vis: &TokenStream,
    typed: bool,
    callbacks: &[TokenStream],
    private: &Private,
) -> TokenStream {
    let name = function.name();
    let origin = function.origin(private);
    let params = function.params();
    let binds = params.iter().map(|param| bind(param, private));
    let checks = params.iter().filter(|_| typed).filter_map(|param| receives(function, param, private));
    let returned = function.return_type();
    let call = call(function, &params);
    let ends_with = if function.is_async() { "handled" } else { "called" };
    let handled = end(ends_with, function, &quote_spanned!(here(Span::call_site())=> , keep), private);
    let site = here(Span::call_site());
    let body = quote_spanned! {site=>
        let mut binder = #private::Binder::new(view);
        #(#binds)*
        let returned = #call;
        #handled
    };
    let imports = imports(private);
    let begin = quote_spanned!(site=> #imports #(#checks)*);
    let code = if function.is_async() {
        let future = boxed(function, private, &body);
        quote_spanned! {site=>
            fn start<'a>(view: &'a #private::View<'a>, keep: ::core::primitive::bool) -> #private::BoxFuture<'a, #private::HandlerResult> {
                #begin
                #future
            }
            #private::DeclaredCode::Async(start)
        }
    } else {
        quote_spanned! {site=>
            fn call(view: &#private::View<'_>, keep: #private::Keep<'_>) -> #private::CallResult {
                #begin
                #body
            }
            #private::DeclaredCode::Sync(call)
        }
    };
    let needs = needs(&params, private);
    let wants = wants(&params, private);
    let callbacks = (!callbacks.is_empty())
        .then(|| quote!(const CALLBACKS: &'static [#private::CallbackRegistration] = &[#(#callbacks),*];));
    let ty = ty(function, vis);
    quote_spanned! {site=>
        #ty

        #[allow(deprecated)]
        const _: () = {
            impl #private::DeclaredHandler for #name {
                const ORIGIN: #private::Origin = #origin;

                #callbacks

                #wants

                #needs

                const CODE: #private::DeclaredCode = { #code };
            }

            impl #name {
                #[doc(hidden)]
                pub const fn __returns() -> #private::Probe<#returned> {
                    #private::Probe::new()
                }
            }
        };
    }
}

/// The registration, and which objects the handler receives.
pub(super) fn registration(
    declaration: &Declaration,
    times: Times,
    path: &TokenStream,
    private: &Private,
) -> TokenStream {
    let keys = declaration.keys.iter().map(|key| match key {
        Key::Text(text) => quote!(#private::EventKey::declared(#text)),
        Key::Event(ty) => key_of(ty, &quote!(event), private),
        Key::Error(ty) => key_of(ty, &quote!(error), private),
        Key::Any => quote!(#private::EventKey::ANY),
        Key::AnyEvent => quote!(#private::EventKey::ANY_EVENT),
        Key::AnyError => quote!(#private::EventKey::ANY_ERROR),
    });
    let linker = if let Some(linker) = &declaration.linker {
        let (start, end) = ends(linker);
        let private = private.at(start);
        up_to(quote_spanned!(here(start)=> #private::registry(&#linker)), end)
    } else {
        quote!(#private::registry(#private::EventLinker::global()))
    };
    let once = times == Times::Once;
    let blocking = declaration.blocking;
    let priority = Literal::i32_unsuffixed(declaration.priority);
    let named: Vec<_> = declaration.before.iter().chain(&declaration.after).collect();
    let named = Named::new(&named);
    let handlers = |handlers: &[Ident]| {
        let ids = handlers.iter().map(|name| quote_spanned!(name.span()=> #private::handler_id::<#name>()));
        quote!(&[#(#ids),*])
    };
    let (before, after) = named.names.split_at(declaration.before.len());
    let (before, after) = (handlers(before), handlers(after));
    let retry = retry::expand(declaration.retry.as_ref(), private);
    let timeout = retry::expand_timeout(declaration.timeout, private);
    let receives = objects(declaration).map(|ty| quote!(impl #private::Receives<#ty> for #path {}));
    named.around(&quote! {
        #(#receives)*

        static __KEYS: &[#private::EventKey] = &[#(#keys),*];

        static __REGISTRATION: #private::Registration = #private::Registration::new::<#path>(
            __KEYS,
            || #linker,
            #private::Options {
                once: #once,
                blocking: #blocking,
                priority: #priority,
                before: #before,
                after: #after,
                retry: #retry,
                timeout: #timeout,
            },
        );

        impl #private::Registered for #path {
            fn registration() -> &'static #private::Registration {
                &__REGISTRATION
            }
        }

        #private::inventory::submit! { #private::Found(&__REGISTRATION) }
    })
}

/// The types that the keys name, each once: two implementations for one type would collide.
fn objects(declaration: &Declaration) -> impl Iterator<Item = &Type> {
    let mut seen = Vec::new();
    declaration.keys.iter().filter_map(Key::object).filter(move |ty| {
        let tokens = ty.to_token_stream().to_string();
        let new = !seen.contains(&tokens);
        seen.push(tokens);
        new
    })
}

/// The key of a type; what is wrong with the type is said of it.
fn key_of(ty: &Type, kind: &TokenStream, private: &Private) -> TokenStream {
    let place = ends(ty).0;
    let private = private.at(place);
    quote_spanned!(here(place)=> #private::EventKey::#kind::<#ty>())
}

fn bind(param: &Param, private: &Private) -> TokenStream {
    let name = &param.name;
    let place = ends(&param.ty).0;
    let private = private.at(place);
    let place = here(place);
    let value = if let Some(ty) = param.referent() {
        quote_spanned!(place=> binder.borrow::<#ty>(#name)?)
    } else if let Some(ty) = param.optional_referent() {
        quote_spanned!(place=> binder.borrow_optional::<#ty>(#name)?)
    } else {
        let ty = &param.ty;
        quote_spanned!(place=> binder.take::<#ty, _>((&&&&#private::Probe::<#ty>::new()).bound_by(), #name)?)
    };
    param.bind(&value)
}

/// Checks that a `&T` of the function can be delivered by one of its keys.
fn receives(function: &Function, param: &Param, private: &Private) -> Option<TokenStream> {
    let ty = object(param)?;
    let place = ends(ty).0;
    let (private, cfgs) = (private.at(place), &param.cfgs);
    // The compiler points at the first argument.
    let mut name = function.name().clone();
    name.set_span(place.resolved_at(name.span()));
    Some(quote_spanned!(here(place)=> #(#cfgs)* #private::receives::<#name, #ty>();))
}

/// The type of object that a parameter borrows, if it borrows one.
fn object(param: &Param) -> Option<&Type> {
    let ty = peel(param.referent()?);
    let is_text =
        matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "str"));
    (!is_text && !matches!(ty, Type::TraitObject(_) | Type::Slice(_))).then_some(ty)
}

/// The objects that the function borrows, for diagnostics.
fn wants(params: &[Param], private: &Private) -> Option<TokenStream> {
    let wanted: Vec<_> = params
        .iter()
        .filter_map(|param| {
            let (ty, cfgs) = (object(param)?, &param.cfgs);
            Some(quote_spanned! {here(Span::call_site())=>
                #(#cfgs)* wanted.push(#private::Wanted::new::<#ty>((&&#private::Probe::<#ty>::new()).event_name()));
            })
        })
        .collect();
    (!wanted.is_empty()).then(|| {
        quote_spanned! {here(Span::call_site())=>
            fn wants() -> #private::Vec<#private::Wanted> {
                use #private::{NamesEvent as _, NamesNothing as _};
                let mut wanted = #private::Vec::new();
                #(#wanted)*
                wanted
            }
        }
    })
}

/// How much of the emission the parameters by value take.
fn needs(params: &[Param], private: &Private) -> Option<TokenStream> {
    let site = here(Span::call_site());
    let by_value =
        params.iter().filter(|param| param.referent().is_none() && param.optional_referent().is_none());
    let needed: Vec<_> = by_value
        .map(|param| {
            let (ty, cfgs) = (&param.ty, &param.cfgs);
            quote_spanned!(site=> #(#cfgs)* let needs = needs.or((&&&&#private::Probe::<#ty>::new()).needs());)
        })
        .collect();
    (!needed.is_empty()).then(|| {
        quote_spanned! {site=>
            fn needs() -> #private::Needs {
                use #private::{
                    BoundByArgument as _, BoundByEmission as _, BoundByNothing as _, BoundByOptionalArgument as _,
                };
                let needs = #private::Needs::Borrows;
                #(#needed)*
                needs
            }
        }
    })
}

/// The type of a handler that was refused, so that those who name it hear nothing of it.
///
/// The error stands as a type, in the place of what the function returns.
pub(super) fn refused(
    function: &Function,
    vis: &TokenStream,
    error: &TokenStream,
    private: &Private,
) -> TokenStream {
    let name = function.name();
    let ty = ty(function, vis);
    let origin = function.origin(private);
    quote! {
        #ty

        const _: () = {
            impl #private::DeclaredHandler for #name {
                const ORIGIN: #private::Origin = #origin;

                const CODE: #private::DeclaredCode = #private::DeclaredCode::Sync(|_, _| loop {});
            }

            impl #name {
                pub const fn __returns() -> #private::Probe<#error> {
                    #private::Probe::new()
                }
            }
        };
    }
}

/// What stands in for the registration of a handler whose attribute was refused.
pub(super) fn unregistered(path: &TokenStream, private: &Private) -> TokenStream {
    quote! {
        const _: () = {
            impl #private::Registered for #path {
                fn registration() -> &'static #private::Registration {
                    loop {}
                }
            }
        };
    }
}

/// The type of the function's name.
fn ty(function: &Function, vis: &TokenStream) -> TokenStream {
    let (vis, name) = (generated(vis), generated(function.name()));
    quote! {
        #[doc(hidden)]
        #vis enum #name {}
    }
}

/// The visibility of the type that a handler inside a flow leaves: the registration stands outside.
pub(super) fn at_least_super(vis: &Visibility) -> TokenStream {
    match vis {
        Visibility::Inherited => quote!(pub(super)),
        Visibility::Restricted(restricted) if restricted.path.is_ident("self") => quote!(pub(super)),
        _ => vis.to_token_stream(),
    }
}
