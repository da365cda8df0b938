//! A callback to the code that registers it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::function::{Function, call};
use crate::on::{imports, returns};
use crate::param::Param;

use super::Kind;

/// The record of a callback of the handler at that path, as an expression.
pub(crate) fn record(
    function: &Function,
    kind: Kind,
    handler: &TokenStream,
    private: &TokenStream,
) -> TokenStream {
    let origin = function.origin(private);
    let imports = imports(private);
    let (answer, callback) = match kind {
        Kind::Success => success(function, handler, private),
        Kind::Failure => failure(function, handler, private),
    };
    quote! {
        {
            #imports

            #answer

            #private::CallbackRegistration {
                handler: #private::handler_id::<#handler>(),
                origin: #origin,
                callback: #callback,
            }
        }
    }
}

/// The registration of a callback that stands alone.
pub(super) fn registration(record: &TokenStream, private: &TokenStream) -> TokenStream {
    quote! {
        #[allow(deprecated, unused_mut, unused_variables, clippy::all, clippy::pedantic, clippy::nursery)]
        const _: () = {
            #private::inventory::submit! { #record }
        };
    }
}

/// The parameter that receives the value by reference, if any does.
fn reference(params: &[Param]) -> Option<usize> {
    params.iter().position(|param| param.referent().is_some())
}

fn extra(param: &Param, private: &TokenStream) -> TokenStream {
    let (ty, name) = (&param.ty, &param.name);
    param.bind(&quote_spanned!(ty.span()=> #private::extra_parameter::<#ty>(context, #name)?))
}

fn success(function: &Function, handler: &TokenStream, private: &TokenStream) -> (TokenStream, TokenStream) {
    let params = function.params();
    let reference = reference(&params);
    let of_handler = quote_spanned!(handler.span()=> (&&&&&#handler::__returns()).returns());
    let binds = params.iter().enumerate().map(|(index, param)| {
        let (ty, name) = (&param.ty, &param.name);
        if let (true, Some(ty)) = (reference == Some(index), param.referent()) {
            param.bind(
                &quote_spanned!(ty.span()=> #private::success_reference::<#ty, _>(#of_handler, &*value)?),
            )
        } else if reference.is_none() && index == 0 {
            param.bind(&quote_spanned! {ty.span()=>
                #private::success_parameter::<#ty, _, _>(
                    #of_handler,
                    (&&#private::Probe::<#ty>::new()).stands_for(),
                    context,
                    &mut *value,
                    #name,
                )?
            })
        } else {
            extra(param, private)
        }
    });
    let takes = match reference {
        Some(_) => quote!(#private::Takes::Reference),
        None if params.is_empty() => quote!(#private::Takes::Nothing),
        None => quote!(#private::Takes::Value),
    };
    let kind = returns(function, private);
    let call = call(function, &params, |call| quote!(let returned = #call;));
    let body = quote! {
        #(#binds)*
        #call
        #private::answered(#kind, returned)
    };
    let answer = if function.is_async() {
        let pending = pending(function, private, &body);
        quote! {
            fn answer<'a>(
                context: &'a #private::Context,
                value: &'a mut #private::Option<#private::Value>,
            ) -> #private::Progress<'a, #private::CallbackResult> {
                #pending
            }
        }
    } else {
        quote! {
            fn run(
                context: &#private::Context,
                value: &mut #private::Option<#private::Value>,
            ) -> #private::CallbackResult {
                #body
            }

            fn answer<'a>(
                context: &'a #private::Context,
                value: &'a mut #private::Option<#private::Value>,
            ) -> #private::Progress<'a, #private::CallbackResult> {
                #private::Progress::Done(run(context, value))
            }
        }
    };
    let callback =
        quote!(#private::DeclaredCallback::Success(#private::DeclaredSuccess { takes: #takes, answer }));
    (answer, callback)
}

fn failure(function: &Function, handler: &TokenStream, private: &TokenStream) -> (TokenStream, TokenStream) {
    let params = function.params();
    let reference = reference(&params);
    let select = reference.and_then(|index| {
        let param = &params[index];
        let ty = param.referent()?;
        let of_handler = quote_spanned!(handler.span()=> (&&&&&#handler::__returns()).returns());
        Some(param.bind(&quote_spanned! {ty.span()=>
            #private::failure_reference::<#ty, _, _>(#of_handler, (&&#private::Probe::<#ty>::new()).answers(), error)?
        }))
    });
    let binds = params
        .iter()
        .enumerate()
        .filter(|(index, _)| reference != Some(*index))
        .map(|(_, param)| extra(param, private));
    let kind = returns(function, private);
    let call = call(function, &params, |call| quote!(let returned = #call;));
    let body = quote! {
        #(#binds)*
        #call
        #private::answered(#kind, returned)
    };
    let progress = if function.is_async() {
        pending(function, private, &body)
    } else {
        quote! {
            let run = || -> #private::CallbackResult { #body };
            #private::Progress::Done(run())
        }
    };
    let answer = quote! {
        fn answer<'a>(
            context: &'a #private::Context,
            error: &'a #private::anyhow::Error,
        ) -> #private::Option<#private::Progress<'a, #private::CallbackResult>> {
            #select
            #private::Option::Some({ #progress })
        }
    };
    let callback = quote!(#private::DeclaredCallback::Failure(#private::DeclaredFailure { answer }));
    (answer, callback)
}

/// The body as a future; its errors point at the function.
fn pending(function: &Function, private: &TokenStream, body: &TokenStream) -> TokenStream {
    quote_spanned!(function.name().span()=> #private::Progress::pending(async move { #body }))
}
