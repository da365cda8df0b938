//! `#[derive(Event)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Ident, LitStr, Meta, Token};

use crate::function::origin;
use crate::options::{Given, skip_to_comma, unknown};
use crate::path::Library;
use crate::report::Report;

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    // A derive adds to its item: the item itself stays with the compiler.
    let Some(input) = report.keep(syn::parse2::<DeriveInput>(item)) else { return report.errors() };
    let sound = check(&input, &mut report);
    let model = Model::parse(&input, &mut report);
    // An event whose attribute is refused stays an event: nothing else is wrong where it is used.
    let expansion = model.library.as_ref().filter(|_| sound).map(|library| model.expand(&input, library));
    let errors = report.errors();
    quote!(#expansion #errors)
}

/// Refuses what cannot be an event.
fn check(input: &DeriveInput, report: &mut Report) -> bool {
    let generics = &input.generics;
    if let Data::Union(data) = &input.data {
        report.error(
            data.union_token,
            "a union cannot be an event: nobody could tell what it holds; use an enum",
        );
    } else if generics.type_params().next().is_some() || generics.const_params().next().is_some() {
        let ident = &input.ident;
        report.error(
            generics,
            format!(
                "a generic type cannot be an event: one name would stand for many types; \
                 derive `Event` on a type of its own, such as `struct {ident}OfUser({ident}<User>)`"
            ),
        );
    } else if !generics.params.is_empty() {
        report.error(
            generics,
            "an event cannot borrow: it outlives the code that emits it; hold owned values, such as `String` for `&str`",
        );
    } else {
        return true;
    }
    false
}

/// What the derive says.
struct Model {
    name: LitStr,
    /// Where the library is found; `None` where the attribute says it and is refused.
    library: Option<Library>,
}

impl Model {
    fn parse(input: &DeriveInput, report: &mut Report) -> Self {
        let ident = &input.ident;
        let mut model = Self {
            name: LitStr::new(&ident.unraw().to_string(), ident.span()),
            library: Some(Library::default()),
        };
        let mut given = Given::default();
        for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("event")) {
            let parsed = model.read(attr, &mut given, report);
            report.keep(parsed);
        }
        model
    }

    fn read(&mut self, attr: &Attribute, given: &mut Given, report: &mut Report) -> syn::Result<()> {
        if !matches!(attr.meta, Meta::List(_)) {
            return Err(syn::Error::new_spanned(attr, "write `#[event(name = \"order.placed\")]`"));
        }
        attr.parse_args_with(|input: ParseStream<'_>| {
            while !input.is_empty() {
                let parsed = self.option(input, given);
                if report.keep(parsed).is_none() {
                    skip_to_comma(input);
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        })
    }

    /// `name = value`.
    fn option(&mut self, input: ParseStream<'_>, given: &mut Given) -> syn::Result<()> {
        const FORM: &str = "write the name of the event as a text: `name = \"order.placed\"`";

        let option = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), FORM))?;
        if option != "name" && option != "crate" {
            return Err(unknown(&option, &["name", "crate"]));
        }
        given.once(&option)?;
        if option == "crate" {
            self.library = None;
            input.parse::<Token![=]>()?;
            self.library = Some(Library::parse(input)?);
            return Ok(());
        }
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(option.span(), FORM));
        }
        input.parse::<Token![=]>()?;
        let name: LitStr = input.parse().map_err(|error: syn::Error| syn::Error::new(error.span(), FORM))?;
        if name.value().is_empty() {
            return Err(syn::Error::new(
                name.span(),
                "the name of an event cannot be empty; leave `name` out to use that of the type",
            ));
        }
        self.name = name;
        Ok(())
    }

    fn expand(&self, input: &DeriveInput, library: &Library) -> TokenStream {
        let name = &self.name;
        let private = library.private();
        let ident = &input.ident;
        let origin = origin(ident, &private);
        quote! {
            const _: () = {
                #private::inventory::submit! {
                    #private::DeclaredEvent::new::<#ident>(
                        #origin,
                        || {
                            use #private::{EncodesEvent as _, EncodesNothing as _};
                            (&&#private::Probe::<#ident>::new()).codec()
                        },
                        || {
                            use #private::{DescribesEvent as _, DescribesNothing as _};
                            (&&#private::Probe::<#ident>::new()).schema()
                        },
                    )
                }
            };

            #[automatically_derived]
            impl #private::Event for #ident {
                const NAME: &'static ::core::primitive::str = #name;

                fn slot() -> #private::Option<&'static #private::Slot> {
                    static SLOT: #private::Slot = #private::Slot::new();
                    #private::Option::Some(&SLOT)
                }
            }
        }
    }
}
