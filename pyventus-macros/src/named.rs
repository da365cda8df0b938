//! The handlers that an attribute names, by path.
//!
//! A handler is a function and a type of one name; only the type is asked for. Where the function
//! was not declared, that type is missing, and the compiler would say no more than that a function
//! is not a type. So the path is imported: an import brings whatever is there, and takes precedence
//! over a stand-in that comes by a glob. The stand-in bears the name of the function, so that the
//! compiler says of it what it says of any type that is not a handler.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Path;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;

use crate::path::here;

/// A path without arguments, as an import takes it.
pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Path> {
    if !(input.peek(Ident::peek_any) || input.peek(syn::Token![::])) {
        return Err(input.error(
            "a handler is named by its path, that of a function under `#[on(..)]` or `#[once(..)]`",
        ));
    }
    input.call(Path::parse_mod_style)
}

/// Handlers under names of their own, each of which is a type in any case.
pub(crate) struct Named {
    /// Code that brings the names into a block.
    pub(crate) imports: TokenStream,
    /// One name for each path.
    pub(crate) names: Vec<Ident>,
}

impl Named {
    pub(crate) fn new<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut named = Self { imports: TokenStream::new(), names: Vec::new() };
        for (index, path) in paths.into_iter().enumerate() {
            let name = format_ident!("__Handler{index}", span = here(path.span()));
            let module = format_ident!("__undeclared_{index}");
            // The last segment may be a keyword such as `self`, which cannot name a type.
            let stand_in = path
                .segments
                .last()
                .filter(|last| syn::parse_str::<Ident>(&last.ident.to_string()).is_ok())
                .map_or_else(|| name.clone(), |last| last.ident.clone());
            named.imports.extend(quote! {
                mod #module {
                    mod undeclared {
                        #[allow(non_camel_case_types)]
                        pub enum #stand_in {}
                    }
                    #[allow(unused_imports)]
                    pub use self::undeclared::#stand_in as #name;
                }
                #[allow(unused_imports)]
                use #module::*;
                #[allow(unused_imports)]
                use #path as #name;
            });
            named.names.push(name);
        }
        named
    }
}
