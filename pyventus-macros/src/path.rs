//! Where generated code finds the library.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::ParseStream;

/// The path of the library: `::pyventus`, unless an attribute says otherwise.
#[derive(Clone, Default)]
pub(crate) struct Library(Option<syn::Path>);

impl Library {
    /// Takes the value of `crate = ...`; it has to mean the same in every module.
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(syn::Lit) {
            return Err(input.error("write the path of the crate without quotes: `crate = ::pyventus`"));
        }
        let path: syn::Path = input.parse()?;
        let absolute = path.leading_colon.is_some()
            || path.segments.first().is_some_and(|first| first.ident == "crate" || first.ident == "$crate");
        if absolute {
            Ok(Self(Some(path)))
        } else {
            Err(syn::Error::new_spanned(
                &path,
                format!(
                    "a relative path means something else in every module; write `::{0}`, or `crate::{0}` for one of this crate",
                    display(&path)
                ),
            ))
        }
    }

    /// The names that only generated code uses.
    pub(crate) fn private(&self) -> Private {
        let path = self.0.as_ref().map_or_else(|| quote!(::pyventus), ToTokens::to_token_stream);
        Private(quote!(#path::__private))
    }
}

/// The path of the names that only generated code uses.
pub(crate) struct Private(TokenStream);

impl ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.clone());
    }
}

impl Private {
    /// The same path, where an error in the code behind it is to point at.
    pub(crate) fn at(&self, place: Span) -> Self {
        let located = self.0.clone().into_iter().map(|mut token| {
            // What a token means stays: a path from a `macro_rules!` may start with `$crate`.
            token.set_span(place.resolved_at(token.span()));
            token
        });
        Self(located.collect())
    }
}

/// A span for generated code whose errors are to point at a place in the user's code.
///
/// Variables in that code are its own: no function or constant of the user is taken for one.
pub(crate) fn here(place: Span) -> Span {
    place.resolved_at(Span::mixed_site())
}

/// The same tokens as those of generated code, which lints let pass.
pub(crate) fn generated(tokens: impl ToTokens) -> TokenStream {
    let respan = |mut token: TokenTree| {
        token.set_span(here(token.span()));
        token
    };
    tokens.into_token_stream().into_iter().map(respan).collect()
}

/// The spans of the first and the last token.
pub(crate) fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.into_token_stream().into_iter();
    let first = tokens.next().map_or_else(Span::call_site, |token| token.span());
    (first, tokens.last().map_or(first, |token| token.span()))
}

/// The same code, with its last token at that place: an error points at all from its first token
/// to there.
pub(crate) fn up_to(code: TokenStream, end: Span) -> TokenStream {
    let mut tokens: Vec<TokenTree> = code.into_iter().collect();
    if let Some(last) = tokens.last_mut() {
        last.set_span(here(end));
    }
    tokens.into_iter().collect()
}

/// A path or a type as it is usually written.
pub(crate) fn display(tokens: impl ToTokens) -> String {
    tokens.into_token_stream().to_string().replace(" :: ", "::").replace(":: ", "::")
}
