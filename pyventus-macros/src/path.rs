//! Where generated code finds the library.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The path of the library: `::pyventus`, unless an attribute says otherwise.
#[derive(Clone, Default)]
pub(crate) struct Library(Option<syn::Path>);

impl Library {
    /// Takes the value of `crate = ...`; it has to mean the same in every module.
    pub(crate) fn at(path: syn::Path) -> syn::Result<Self> {
        let absolute = path.leading_colon.is_some()
            || path.segments.first().is_some_and(|first| first.ident == "crate" || first.ident == "$crate");
        if absolute {
            Ok(Self(Some(path)))
        } else {
            Err(syn::Error::new_spanned(
                &path,
                format!("a relative path means something else in every module; write `::{}`", display(&path)),
            ))
        }
    }

    /// The names that only generated code uses.
    pub(crate) fn private(&self) -> TokenStream {
        match &self.0 {
            Some(path) => quote!(#path::__private),
            None => quote!(::pyventus::__private),
        }
    }
}

fn display(path: &syn::Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}
