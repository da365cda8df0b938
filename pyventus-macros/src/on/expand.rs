//! What they say to code.
//!
//! A handler leaves two things: beside the function, a type of its name that knows how to call it;
//! where the attribute stands, the registration. For a plain function these are the same place.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Type, Visibility};

use crate::function::{Function, call, return_span};
use crate::param::Param;

use super::model::{Declaration, Key, Times};

/// The type of the function's name, and how the function is called.
pub(super) fn handler(
    function: &Function,
    vis: &TokenStream,
    typed: bool,
    callbacks: &[TokenStream],
    private: &TokenStream,
) -> TokenStream {
    let name = function.name();
    let origin = function.origin(private);
    let params = function.params();
    let binds = params.iter().map(|param| bind(param, private));
    let checks = params.iter().filter(|_| typed).filter_map(|param| receives(function, param, private));
    let returned = function.return_type();
    let kind = returns(function, private);
    let call = call(function, &params, |call| quote!(let returned = #call;));
    let body = quote! {
        let mut binder = #private::Binder::new(context);
        #(#binds)*
        #call
        #private::handled(#kind, returned, keep)
    };
    let handle = if function.is_async() {
        quote_spanned!(name.span()=> #private::Progress::pending(async move { #body }))
    } else {
        quote! {
            fn run(context: &#private::Context, keep: ::core::primitive::bool) -> #private::HandlerResult { #body }
            #private::Progress::Done(run(context, keep))
        }
    };
    let imports = imports(private);
    let wants = wants(&params, private);
    let callbacks = (!callbacks.is_empty())
        .then(|| quote!(const CALLBACKS: &'static [#private::CallbackRegistration] = &[#(#callbacks),*];));
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code, unreachable_pub, missing_debug_implementations, missing_docs)]
        #vis enum #name {}

        #[allow(deprecated, unused_mut, unused_variables, clippy::all, clippy::pedantic, clippy::nursery)]
        const _: () = {
            impl #private::DeclaredHandler for #name {
                const ORIGIN: #private::Origin = #origin;

                #callbacks

                #wants

                fn handle(context: &#private::Context, keep: ::core::primitive::bool) -> #private::Progress<'_, #private::HandlerResult> {
                    #imports
                    #(#checks)*
                    #handle
                }
            }

            #[allow(private_interfaces, dead_code)]
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
pub(super) fn registration(declaration: &Declaration, times: Times, path: &TokenStream) -> TokenStream {
    let private = declaration.library.private();
    let keys = declaration.keys.iter().map(|key| match key {
        Key::Text(text) => quote!(#private::EventKey::declared(#text)),
        Key::Event(ty) => quote_spanned!(ty.span()=> #private::EventKey::event::<#ty>()),
        Key::Error(ty) => quote_spanned!(ty.span()=> #private::EventKey::error::<#ty>()),
        Key::Any => quote!(#private::EventKey::ANY),
        Key::AnyEvent => quote!(#private::EventKey::ANY_EVENT),
        Key::AnyError => quote!(#private::EventKey::ANY_ERROR),
    });
    let linker = match &declaration.linker {
        Some(linker) => quote_spanned!(linker.span()=> &#linker),
        None => quote!(#private::EventLinker::global()),
    };
    let once = times == Times::Once;
    let priority = match &declaration.priority {
        Some(priority) => {
            let value = &priority.value;
            let sign = priority.negative.then(|| quote!(-));
            quote!(#sign #value)
        }
        None => quote!(0),
    };
    let handlers = |paths: &[syn::Path]| {
        let ids = paths.iter().map(|path| quote_spanned!(path.span()=> #private::handler_id::<#path>()));
        quote!(&[#(#ids),*])
    };
    let (before, after) = (handlers(&declaration.before), handlers(&declaration.after));
    let receives = objects(declaration).map(|ty| quote!(impl #private::Receives<#ty> for #path {}));
    quote! {
        const _: () = {
            #(#receives)*

            static KEYS: &[#private::EventKey] = &[#(#keys),*];

            static REGISTRATION: #private::Registration = #private::Registration::new::<#path>(
                KEYS,
                || #private::registry(#linker),
                #private::Options { once: #once, priority: #priority, before: #before, after: #after },
            );

            impl #private::Registered for #path {
                fn registration() -> &'static #private::Registration {
                    &REGISTRATION
                }
            }

            #private::inventory::submit! { #private::Found(&REGISTRATION) }
        };
    }
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

fn bind(param: &Param, private: &TokenStream) -> TokenStream {
    let name = &param.name;
    let value = if let Some(ty) = param.referent() {
        quote_spanned!(ty.span()=> binder.borrow::<#ty>(#name)?)
    } else if let Some(ty) = param.optional_referent() {
        quote_spanned!(ty.span()=> binder.borrow_optional::<#ty>(#name)?)
    } else {
        let ty = &param.ty;
        quote_spanned!(ty.span()=> binder.take::<#ty, _>((&&&&#private::Probe::<#ty>::new()).bound_by(), #name)?)
    };
    param.bind(&value)
}

/// Checks that a `&T` of the function can be delivered by one of its keys.
fn receives(function: &Function, param: &Param, private: &TokenStream) -> Option<TokenStream> {
    let ty = object(param)?;
    let (name, cfgs) = (function.name(), &param.cfgs);
    Some(quote_spanned!(ty.span()=> #(#cfgs)* #private::receives::<#name, #ty>();))
}

/// The type of object that a parameter borrows, if it borrows one.
fn object(param: &Param) -> Option<&Type> {
    let ty = param.referent()?;
    let is_text =
        matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "str"));
    (!is_text && !matches!(ty, Type::TraitObject(_))).then_some(ty)
}

/// The objects that the function borrows, for diagnostics.
fn wants(params: &[Param], private: &TokenStream) -> Option<TokenStream> {
    let wanted: Vec<_> = params
        .iter()
        .filter_map(|param| {
            let (ty, cfgs) = (object(param)?, &param.cfgs);
            Some(quote! {
                #(#cfgs)* wanted.push(#private::Wanted::new::<#ty>((&&#private::Probe::<#ty>::new()).event_name()));
            })
        })
        .collect();
    (!wanted.is_empty()).then(|| {
        quote! {
            fn wants() -> #private::Vec<#private::Wanted> {
                #[allow(unused_imports)]
                use #private::{NamesEvent as _, NamesNothing as _};
                let mut wanted = #private::Vec::new();
                #(#wanted)*
                wanted
            }
        }
    })
}

/// Asks what the function returns; generated code has the imports of [`imports`].
pub(crate) fn returns(function: &Function, private: &TokenStream) -> TokenStream {
    let returned = function.return_type();
    quote_spanned!(return_span(function)=> (&&&&&#private::Probe::<#returned>::new()).returns())
}

/// The traits that answer a probe.
pub(crate) fn imports(private: &TokenStream) -> TokenStream {
    quote! {
        #[allow(unused_imports)]
        use #private::{
            AnswersEvery as _, AnswersOne as _, AnswersOwn as _, BoundByArgument as _, BoundByEmission as _,
            BoundByNothing as _, BoundByOptionalArgument as _, ReturnsDynamic as _, ReturnsFallible as _,
            ReturnsFuture as _, ReturnsIterator as _, ReturnsPlain as _, StandsForExtra as _, StandsForValue as _,
        };
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
