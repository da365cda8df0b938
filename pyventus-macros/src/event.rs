//! `#[derive(Event)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, LitStr, Token};

use crate::function::origin;
use crate::options::{Given, skip_to_comma, unknown};
use crate::path::Library;
use crate::report::Report;

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    // A derive adds to its item: the item itself stays with the compiler.
    let Some(input) = report.keep(syn::parse2::<DeriveInput>(item)) else {
        return report.finish(TokenStream::new(), TokenStream::new);
    };
    let model = Model::parse(&input, &mut report);
    report.finish(TokenStream::new(), || model.expand(&input))
}

/// What the derive says.
struct Model {
    name: LitStr,
    library: Library,
}

impl Model {
    fn parse(input: &DeriveInput, report: &mut Report) -> Self {
        let ident = &input.ident;
        let mut model =
            Self { name: LitStr::new(&ident.unraw().to_string(), ident.span()), library: Library::default() };
        let mut given = Given::default();
        for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("event")) {
            let parsed = attr.parse_args_with(|stream: syn::parse::ParseStream<'_>| {
                while !stream.is_empty() {
                    report_one(stream, &mut given, &mut model, report);
                    if !stream.is_empty() {
                        stream.parse::<Token![,]>()?;
                    }
                }
                Ok(())
            });
            report.keep(parsed);
        }
        match &input.data {
            Data::Union(data) => report.error(
                data.union_token,
                "a union cannot be an event: nobody could tell what it holds; use an enum",
            ),
            _ if !input.generics.params.is_empty() => report.error(
                &input.generics,
                format!(
                    "a generic type cannot be an event: one name would stand for many types; \
                     derive `Event` on a type of its own, such as `struct {ident}OfUser({ident}<User>)`"
                ),
            ),
            _ => {}
        }
        model
    }

    fn expand(&self, input: &DeriveInput) -> TokenStream {
        let Self { name, library } = self;
        let private = library.private();
        let ident = &input.ident;
        let origin = origin(ident, &private);
        quote! {
            const _: () = {
                #private::inventory::submit! { #private::DeclaredEvent::new::<#ident>(#origin) }
            };

            #[automatically_derived]
            impl #private::Event for #ident {
                const NAME: &'static ::core::primitive::str = #name;
            }
        }
    }
}

fn report_one(
    stream: syn::parse::ParseStream<'_>,
    given: &mut Given,
    model: &mut Model,
    report: &mut Report,
) {
    let parsed = (|| {
        let option = stream.call(syn::Ident::parse_any)?;
        let known = option == "name" || option == "crate";
        if !known {
            skip_to_comma(stream);
            return Err(unknown(&option, &["name", "crate"]));
        }
        given.once(&option)?;
        stream.parse::<Token![=]>()?;
        if option == "crate" {
            model.library = Library::at(stream.parse()?)?;
        } else {
            model.name = stream.parse()?;
            if model.name.value().is_empty() {
                return Err(syn::Error::new(
                    model.name.span(),
                    "the name of an event cannot be empty; leave `name` out to use that of the type",
                ));
            }
        }
        Ok(())
    })();
    if report.keep(parsed).is_none() {
        skip_to_comma(stream);
    }
}
