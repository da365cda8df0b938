//! The handlers that an attribute names, by path.
//!
//! A handler is a function and a type of one name; only the type is asked for. Where the function
//! was not declared, that type is missing, and the compiler would say no more than that a function
//! is not a type. So the path is imported: an import brings whatever is there, and where no type
//! is, a stand-in in the block around it is found instead. It bears the name of the function, so
//! that the compiler says of it what it says of any type that is not a handler.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Path;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;

use crate::path::{generated, here};

/// Reads a path without arguments, as an import takes it.
pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Path> {
    if !(input.peek(Ident::peek_any) || input.peek(syn::Token![::])) {
        return Err(input
            .error("a handler is named by its path, that of a function under `#[on(..)]` or `#[once(..)]`"));
    }
    input.call(Path::parse_mod_style)
}

/// Handlers under names of their own, each of which is a type in any case.
#[derive(Default)]
pub(crate) struct Named {
    /// One name for each path.
    pub(crate) names: Vec<Ident>,
    stand_ins: TokenStream,
    imports: TokenStream,
}

impl Named {
    pub(crate) fn new(paths: &[&Path]) -> Self {
        let mut named = Self::default();
        for (index, path) in paths.iter().enumerate() {
            let name = format_ident!("__Handler{index}", span = here(path.span()));
            let module = format_ident!("__undeclared{index}");
            // The last segment may be a keyword such as `self`, which cannot name a type.
            let stand_in = path
                .segments
                .last()
                .filter(|last| syn::parse_str::<Ident>(&last.ident.to_string()).is_ok())
                .map_or_else(|| name.to_token_stream(), |last| generated(&last.ident));
            named.stand_ins.extend(quote! {
                mod #module {
                    pub enum #stand_in {}
                }
                use #module::#stand_in as #name;
            });
            named.imports.extend(quote! {
                use #path as #name;
            });
            named.names.push(name);
        }
        named
    }

    /// A block in which the names stand for the handlers.
    pub(crate) fn around(&self, code: &TokenStream) -> TokenStream {
        let Self { names, stand_ins, imports } = self;
        if names.is_empty() {
            return quote! {
                #[allow(deprecated)]
                const _: () = { #code };
            };
        }
        quote! {
            #[allow(deprecated)]
            const _: () = {
                #stand_ins

                const _: () = {
                    #imports

                    #code
                };
            };
        }
    }
}
