//! How generated code runs a function: it calls it, and hands on what it returns.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ReturnType;

use crate::function::Function;
use crate::param::Param;
use crate::path::{Private, ends, here, up_to};

/// The traits that answer a probe.
pub(crate) fn imports(private: &Private) -> TokenStream {
    quote! {
        use #private::{
            AnswersEvery as _, AnswersOne as _, AnswersOwn as _, BoundByArgument as _, BoundByEmission as _,
            BoundByNothing as _, BoundByOptionalArgument as _, ReturnsDynamic as _, ReturnsFallible as _,
            ReturnsFuture as _, ReturnsIterator as _, ReturnsPlain as _, StandsForExtra as _, StandsForValue as _,
        };
    }
}

/// Calls the function, from within generated code; what is said of the call points at its name.
pub(crate) fn call(function: &Function, params: &[Param]) -> TokenStream {
    let name = function.name();
    let args = params.iter().map(Param::arg);
    let wait = function.is_async().then(|| quote!(.await));
    quote_spanned!(here(name.span())=> #name(#(#args),*) #wait)
}

/// Turns what the function returned over to a function of the library, which ends the generated
/// code; what is wrong with it is said of the return type. Such code has the imports of
/// [`imports`].
pub(crate) fn end(name: &str, function: &Function, more: &TokenStream, private: &Private) -> TokenStream {
    let returned = function.return_type();
    let (start, end) = ends(place_of_return(function));
    let (place, private) = (here(start), private.at(start));
    // All that can be said of the call is said of the whole of the type, and so said once.
    let name = Ident::new(name, here(end));
    let probe = up_to(quote_spanned!(place=> (&&&&&#private::Probe::<#returned>::new()).returns()), end);
    let kind = Ident::new("kind", place);
    let end = up_to(quote_spanned!(place=> #private::#name(#kind, returned #more)), end);
    quote! {
        let #kind = #probe;
        #end
    }
}

/// The body as a boxed future; what is wrong with the future is said of the function.
pub(crate) fn boxed(function: &Function, private: &Private, body: &TokenStream) -> TokenStream {
    let place = function.name().span();
    let private = private.at(place);
    quote_spanned!(here(place)=> #private::boxed(async move { #body }))
}

/// The same as what is on its way.
pub(crate) fn pending(function: &Function, private: &Private, body: &TokenStream) -> TokenStream {
    let place = function.name().span();
    let private = private.at(place);
    quote_spanned!(here(place)=> #private::Progress::pending(async move { #body }))
}

/// What the function returns, or its name where it says nothing: where errors about it point at.
fn place_of_return(function: &Function) -> TokenStream {
    match &function.sig.output {
        ReturnType::Default => function.name().to_token_stream(),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    }
}
