//! A callback to the code that registers it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use crate::call::{call, end, imports, pending};
use crate::function::Function;
use crate::named::Named;
use crate::param::Param;
use crate::path::{Private, ends, here, up_to};

use super::Kind;
use super::parse::Target;

/// The record of a callback of the handler at that path, as an expression.
pub(crate) fn record(
    function: &Function,
    kind: Kind,
    handler: &TokenStream,
    private: &Private,
) -> TokenStream {
    let origin = function.origin(private);
    let imports = imports(private);
    let (answer, callback) = match kind {
        Kind::Success => success(function, handler, private),
        Kind::Failure => failure(function, handler, private),
    };
    let place = ends(handler).0;
    let located = private.at(place);
    let id = quote_spanned!(here(place)=> #located::handler_id::<#handler>());
    quote! {
        {
            #imports

            #answer

            #private::CallbackRegistration { handler: #id, origin: #origin, callback: #callback }
        }
    }
}

/// The registration of a callback that stands alone.
pub(super) fn registration(function: &Function, kind: Kind, target: &Target) -> TokenStream {
    let private = target.library.private();
    let handler = Named::new(&[&target.handler]);
    let undeclared = undeclared(function, kind, &private);
    let names = &handler.names;
    let record = record(function, kind, &quote!(#(#names)*), &private);
    handler.around(&quote! {
        #undeclared

        const __CALLBACK: #private::CallbackRegistration = #record;

        #private::inventory::submit! { __CALLBACK }
    })
}

/// Lets what is not a handler return what the callback takes: that it is not one is said, and
/// nothing else. A declared handler goes before this trait with a function of its own.
fn undeclared(function: &Function, kind: Kind, private: &Private) -> TokenStream {
    let params = function.params();
    let value = match kind {
        Kind::Success => reference(&params)
            .and_then(|index| params[index].referent())
            .or_else(|| params.first().map(|param| &param.ty)),
        Kind::Failure => None,
    };
    // A lifetime that is left out has no meaning here.
    let borrows = |ty: &&Type| ty.to_token_stream().to_string().contains(['&', '\'']);
    let value = value.filter(|ty| !borrows(ty)).map_or_else(|| quote!(()), ToTokens::to_token_stream);
    let probe = quote!(#private::Probe<#private::Result<#value, #private::anyhow::Error>>);
    quote! {
        trait __Undeclared {
            fn __returns() -> #probe;
        }

        impl<__T: ?::core::marker::Sized> __Undeclared for __T {
            fn __returns() -> #probe {
                #private::Probe::new()
            }
        }
    }
}

/// The parameter that receives the value by reference, if any does.
fn reference(params: &[Param]) -> Option<usize> {
    params.iter().position(|param| param.referent().is_some())
}

fn extra(param: &Param, private: &Private) -> TokenStream {
    let (ty, name) = (&param.ty, &param.name);
    let (place, end) = ends(ty);
    let private = private.at(place);
    let value = quote_spanned!(here(place)=> #private::extra_parameter::<#ty>(view, #name)?);
    param.bind(&up_to(value, end))
}

/// Asks what the handler returns; what is wrong is said of the parameter that wants it.
fn of_handler(handler: &TokenStream, place: Span) -> TokenStream {
    quote_spanned!(here(place)=> (&&&&&#handler::__returns()).returns())
}

fn success(function: &Function, handler: &TokenStream, private: &Private) -> (TokenStream, TokenStream) {
    let params = function.params();
    let reference = reference(&params);
    let binds = params.iter().enumerate().map(|(index, param)| {
        let (start, end) = ends(&param.ty);
        let (of_handler, located, name) = (of_handler(handler, start), private.at(start), &param.name);
        let value = if let (true, Some(ty)) = (reference == Some(index), param.referent()) {
            quote_spanned!(here(start)=> #located::success_of(#of_handler, ()).reference::<#ty>(value.as_ref())?)
        } else if reference.is_none() && index == 0 {
            let ty = &param.ty;
            quote_spanned! {here(start)=>
                #located::success_of(#of_handler, (&&#located::Probe::<#ty>::new()).stands_for())
                    .parameter::<#ty>(view, &mut *value, #name)?
            }
        } else {
            return extra(param, private);
        };
        param.bind(&up_to(value, end))
    });
    let takes = match reference {
        Some(_) => quote!(#private::Takes::Reference),
        None if params.is_empty() => quote!(#private::Takes::Nothing),
        None => quote!(#private::Takes::Value),
    };
    let needs = needs(params.len() == usize::from(reference.is_some()), private);
    let progress = progress(function, private, &quote!(#(#binds)*));
    let answer = quote_spanned! {here(Span::call_site())=>
        fn __answer<'a>(
            view: &'a #private::View<'a>,
            value: &'a mut #private::Option<#private::Value>,
        ) -> #private::Progress<'a, #private::CallbackResult> {
            #progress
        }
    };
    let callback = quote! {
        #private::DeclaredCallback::Success(#private::DeclaredSuccess { takes: #takes, needs: #needs, answer: __answer })
    };
    (answer, callback)
}

fn failure(function: &Function, handler: &TokenStream, private: &Private) -> (TokenStream, TokenStream) {
    let params = function.params();
    let reference = reference(&params);
    let select = reference.and_then(|index| {
        let param = &params[index];
        let ty = param.referent()?;
        let (start, end) = ends(ty);
        let (of_handler, located) = (of_handler(handler, start), private.at(start));
        let value = quote_spanned! {here(start)=>
            #located::failure_reference::<#ty, _, _>(#of_handler, (&&#located::Probe::<#ty>::new()).answers(), error)?
        };
        Some(param.bind(&up_to(value, end)))
    });
    let binds = params
        .iter()
        .enumerate()
        .filter(|(index, _)| reference != Some(*index))
        .map(|(_, param)| extra(param, private));
    let needs = needs(params.len() == usize::from(reference.is_some()), private);
    let progress = progress(function, private, &quote!(#(#binds)*));
    let answer = quote_spanned! {here(Span::call_site())=>
        fn __answer<'a>(
            view: &'a #private::View<'a>,
            error: &'a #private::anyhow::Error,
        ) -> #private::Option<#private::Progress<'a, #private::CallbackResult>> {
            #select
            #private::Option::Some({ #progress })
        }
    };
    let callback = quote!(#private::DeclaredCallback::Failure(#private::DeclaredFailure { needs: #needs, answer: __answer }));
    (answer, callback)
}

/// How much of the emission the callback may ask for: nothing, or whatever its parameters are.
fn needs(borrows: bool, private: &Private) -> TokenStream {
    if borrows { quote!(#private::Needs::Borrows) } else { quote!(#private::Needs::Context) }
}

/// Binds the parameters, calls the function, and ends.
fn progress(function: &Function, private: &Private, binds: &TokenStream) -> TokenStream {
    let call = call(function, &function.params());
    let answered = end("answered", function, &TokenStream::new(), private);
    let body = quote_spanned! {here(Span::call_site())=>
        #binds
        let returned = #call;
        #answered
    };
    if function.is_async() {
        return pending(function, private, &body);
    }
    quote_spanned! {here(Span::call_site())=>
        let mut run = || -> #private::CallbackResult { #body };
        #private::Progress::Done(run())
    }
}
