//! A function under one of the attributes: its signature is parsed, its body is not.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, Ident, ReturnType, Signature, Type, Visibility};

use crate::param::{Param, peel};
use crate::path::Private;
use crate::report::Report;

/// A function under one of the attributes.
///
/// The body is kept as it is, so that half-written code still gets its own errors and completions.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attrs: input.call(Attribute::parse_outer)?,
            vis: input.parse()?,
            sig: input.parse()?,
            body: input.parse()?,
        })
    }
}

impl From<syn::ItemFn> for Function {
    fn from(item: syn::ItemFn) -> Self {
        Self { attrs: item.attrs, vis: item.vis, sig: item.sig, body: item.block.into_token_stream() }
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attr in &self.attrs {
            attr.to_tokens(tokens);
        }
        self.vis.to_tokens(tokens);
        self.sig.to_tokens(tokens);
        tokens.extend(self.body.clone());
    }
}

impl Function {
    pub(crate) fn name(&self) -> &Ident {
        &self.sig.ident
    }

    /// The conditions that decide whether the function is there at all.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        self.attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
    }

    /// Whether the function belongs to a type, so that nothing but functions can stand beside it.
    pub(crate) fn is_method(&self) -> bool {
        self.sig.inputs.iter().any(|input| matches!(input, FnArg::Receiver(_)))
    }

    pub(crate) fn is_async(&self) -> bool {
        self.sig.asyncness.is_some()
    }

    /// What the function returns, `()` where it says nothing.
    pub(crate) fn return_type(&self) -> TokenStream {
        match &self.sig.output {
            ReturnType::Default => quote!(()),
            ReturnType::Type(_, ty) => ty.to_token_stream(),
        }
    }

    /// The parameters, where each of them can be one.
    pub(crate) fn params(&self) -> Vec<Param> {
        self.sig.inputs.iter().enumerate().filter_map(|(index, input)| Param::new(index, input)).collect()
    }

    /// Where the function was written.
    pub(crate) fn origin(&self, private: &Private) -> TokenStream {
        origin(self.name(), private)
    }

    /// Refuses what no function under an attribute can be; `what` names its role.
    pub(crate) fn check(&self, what: &str, report: &mut Report) {
        let sig = &self.sig;
        self.check_generics(what, report);
        if let syn::Safety::Unsafe(token) = &sig.safety {
            report.error(
                token,
                format!(
                    "{what} cannot be `unsafe`: it is called by the library; put the `unsafe` block inside"
                ),
            );
        }
        if let Some(abi) = &sig.abi {
            report
                .error(abi, format!("{what} cannot be `extern`: call the foreign function from a plain one"));
        }
        if let Some(variadic) = &sig.variadic {
            report.error(variadic, format!("{what} cannot be variadic: read `Context::args` instead"));
        }
        for input in &sig.inputs {
            match input {
                FnArg::Receiver(receiver) => report.error(
                    receiver,
                    format!("{what} cannot take `self`: there is no value to call it on; write a free function and take `State<T>` for what it needs"),
                ),
                FnArg::Typed(typed) => check_param_type(&typed.ty, what, report),
            }
        }
        if let ReturnType::Type(_, ty) = &sig.output {
            check_return_type(ty, what, report);
        }
    }

    fn check_generics(&self, what: &str, report: &mut Report) {
        let generics = &self.sig.generics;
        if generics.type_params().next().is_some() || generics.const_params().next().is_some() {
            report.error(
                generics,
                format!("{what} cannot be generic: nobody would choose its types; write one function per type, calling a generic one"),
            );
        } else if !generics.params.is_empty() {
            report.error(
                generics,
                format!(
                    "{what} cannot name lifetimes: what it borrows lives as long as the call; leave them out"
                ),
            );
        } else if let Some(clause) = &generics.where_clause {
            report.error(
                clause,
                format!("{what} cannot have a `where` clause: it is not generic; leave the clause out"),
            );
        }
    }
}

fn check_param_type(ty: &Type, what: &str, report: &mut Report) {
    match peel(ty) {
        Type::Reference(reference) if reference.mutability.is_some() => report.error(
            ty,
            format!("{what} cannot take `&mut`: it shares what it borrows with others; take `&T`"),
        ),
        Type::ImplTrait(_) => report
            .error(ty, format!("{what} cannot take `impl Trait`: nobody would choose the type; name it")),
        _ => {}
    }
}

fn check_return_type(ty: &Type, what: &str, report: &mut Report) {
    match peel(ty) {
        Type::ImplTrait(ty) => report.error(
            ty,
            format!("{what} cannot return `impl Trait`: callbacks receive a type that has a name; write `async fn` for a future, or name the type"),
        ),
        Type::Never(ty) => report.error(
            ty,
            format!("{what} has to return: only then is its outcome known; spawn a task for what runs for ever"),
        ),
        ty => {
            for borrow in borrows(ty.to_token_stream()) {
                report.error(
                    borrow,
                    format!("{what} cannot return a borrowed value: what it borrows ends with the call; return an owned one"),
                );
            }
        }
    }
}

/// The references and lifetimes of a type that are not `'static`; none in a type that takes
/// functions, where they mean something else.
fn borrows(ty: TokenStream) -> Vec<TokenStream> {
    let mut found = Vec::new();
    let mut tokens = ty.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Ident(word)
                if ["fn", "for", "Fn", "FnMut", "FnOnce"].iter().any(|function| word == function) =>
            {
                return Vec::new();
            }
            TokenTree::Group(group) => found.extend(borrows(group.stream())),
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let named = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                if !named {
                    let referent = tokens.peek();
                    found.push(quote!(#token #referent));
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                if let Some(name) = tokens.next_if(|name| name.to_string() != "static") {
                    found.push(quote!(#token #name));
                }
            }
            _ => {}
        }
    }
    found
}

/// Where an item of that name was written.
pub(crate) fn origin(name: &Ident, private: &Private) -> TokenStream {
    let place = name.span();
    // These macros answer with the place of their own tokens.
    let line = quote_spanned!(place=> ::core::line!());
    let column = quote_spanned!(place=> ::core::column!());
    let file = quote_spanned!(place=> ::core::file!());
    let name = format!("::{}", name.unraw());
    quote! {
        #private::Origin::declared(
            ::core::concat!(::core::module_path!(), #name),
            &(#file, #line, #column),
        )
    }
}
