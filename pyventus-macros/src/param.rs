//! One parameter of a function under an attribute.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, GenericArgument, Ident, Pat, PathArguments, Type};

/// One parameter of a function under an attribute.
pub(crate) struct Param {
    /// The name of an argument; empty where a pattern stands in its place.
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// Conditions that decide whether the parameter is there at all.
    pub(crate) cfgs: Vec<Attribute>,
    /// The variable that holds it in generated code.
    pub(crate) var: Ident,
}

impl Param {
    pub(crate) fn new(index: usize, input: &FnArg) -> Option<Self> {
        let FnArg::Typed(typed) = input else { return None };
        let name = match &*typed.pat {
            Pat::Ident(pat) if pat.subpat.is_none() => pat.ident.unraw().to_string(),
            _ => String::new(),
        };
        Some(Self {
            name,
            ty: (*typed.ty).clone(),
            cfgs: typed.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect(),
            var: format_ident!("arg{index}", span = Span::mixed_site()),
        })
    }

    /// `T` of a parameter `&T`.
    pub(crate) fn referent(&self) -> Option<&Type> {
        referent(&self.ty)
    }

    /// `T` of a parameter `Option<&T>`.
    pub(crate) fn optional_referent(&self) -> Option<&Type> {
        let Type::Path(path) = peel(&self.ty) else { return None };
        let last = path.path.segments.last()?;
        let PathArguments::AngleBracketed(args) = &last.arguments else { return None };
        match (last.ident == "Option", args.args.first()) {
            (true, Some(GenericArgument::Type(ty))) => referent(ty),
            _ => None,
        }
    }

    /// The parameter in a call.
    pub(crate) fn arg(&self) -> TokenStream {
        let Self { cfgs, var, .. } = self;
        quote!(#(#cfgs)* #var)
    }

    /// Binds the variable to what the expression gives.
    pub(crate) fn bind(&self, value: &TokenStream) -> TokenStream {
        let Self { cfgs, var, .. } = self;
        quote!(#(#cfgs)* let #var = #value;)
    }
}

/// `T` of `&T`; a `&'static T` is a value like any other.
fn referent(ty: &Type) -> Option<&Type> {
    match peel(ty) {
        Type::Reference(reference)
            if reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static") =>
        {
            Some(&reference.elem)
        }
        _ => None,
    }
}

/// The type without parentheses, and without the invisible ones that a `macro_rules!` leaves.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => peel(&inner.elem),
        Type::Group(inner) => peel(&inner.elem),
        _ => ty,
    }
}
