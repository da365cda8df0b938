//! Collects errors, so that all of them are reported at once and beside the user's item.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The errors of one expansion.
#[derive(Default)]
pub(crate) struct Report(Option<syn::Error>);

impl Report {
    /// Adds an error that points at the given tokens.
    pub(crate) fn error(&mut self, at: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(at, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Keeps a value, or adds the error that stands in its place.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds the errors of another report.
    pub(crate) fn append(&mut self, other: Self) {
        if let Some(errors) = other.0 {
            self.push(errors);
        }
    }

    /// The errors as items, to stand behind the user's own.
    pub(crate) fn errors(&self) -> TokenStream {
        self.0.as_ref().map(syn::Error::to_compile_error).unwrap_or_default()
    }

    /// The first error as a type, and the others as items.
    ///
    /// A type that is an error silences what would be said of it elsewhere.
    pub(crate) fn apart(self) -> (TokenStream, TokenStream) {
        let mut errors = self.0.into_iter().flatten().map(|error| error.to_compile_error());
        let first = errors.next().unwrap_or_else(|| quote!(()));
        (first, errors.collect())
    }
}
