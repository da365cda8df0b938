//! A function under one of the attributes: its signature is parsed, its body is not.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Ident, ReturnType, Signature, Type, Visibility};

use crate::param::Param;
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
    pub(crate) fn origin(&self, private: &TokenStream) -> TokenStream {
        origin(self.name(), private)
    }

    /// Refuses what no function under an attribute can be; `what` names its role.
    pub(crate) fn check(&self, what: &str, report: &mut Report) {
        let sig = &self.sig;
        if !sig.generics.params.is_empty() || sig.generics.where_clause.is_some() {
            let at: TokenStream = if sig.generics.params.is_empty() {
                sig.generics.where_clause.to_token_stream()
            } else {
                sig.generics.to_token_stream()
            };
            report.error(
                at,
                format!("{what} cannot be generic: nobody would choose its types; write one function per type, calling a generic one"),
            );
        }
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
            match &**ty {
                Type::ImplTrait(ty) => report.error(
                    ty,
                    format!(
                        "{what} cannot return `impl Trait`: write `async fn` for a future, or name the type"
                    ),
                ),
                Type::Never(ty) => report.error(ty, format!("{what} has to return")),
                Type::Reference(ty)
                    if ty.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static") =>
                {
                    report.error(ty, format!("{what} cannot return a borrowed value: the emission ends before it is read; return an owned one"));
                }
                _ => {}
            }
        }
    }
}

fn check_param_type(ty: &Type, what: &str, report: &mut Report) {
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => report.error(
            ty,
            format!("{what} cannot take `&mut`: all handlers of an emission share the event; take `&T`"),
        ),
        Type::ImplTrait(_) => report.error(ty, format!("{what} cannot take `impl Trait`: name the type")),
        _ => {}
    }
}

/// Where an item of that name was written.
pub(crate) fn origin(name: &Ident, private: &TokenStream) -> TokenStream {
    let place = name.span();
    // These macros answer with the place of their own tokens.
    let line = quote_spanned!(place=> ::core::line!());
    let column = quote_spanned!(place=> ::core::column!());
    let file = quote_spanned!(place=> ::core::file!());
    let name = name.unraw().to_string();
    quote! {
        #private::Origin {
            module: ::core::module_path!(),
            name: #name,
            file: #file,
            line: #line,
            column: #column,
        }
    }
}

/// Calls the function and turns what it returns over to `end`, from within generated code.
pub(crate) fn call(
    function: &Function,
    params: &[Param],
    end: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let name = function.name();
    let args = params.iter().map(Param::arg);
    let call = if function.is_async() {
        quote_spanned!(name.span()=> #name(#(#args),*).await)
    } else {
        quote_spanned!(name.span()=> #name(#(#args),*))
    };
    end(call)
}

/// The span of what the function returns, or of its name.
pub(crate) fn return_span(function: &Function) -> proc_macro2::Span {
    match &function.sig.output {
        ReturnType::Default => function.name().span(),
        ReturnType::Type(_, ty) => ty.span(),
    }
}
