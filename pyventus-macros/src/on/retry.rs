//! `retry(..)` and `timeout`: how often, and how long.

use std::time::Duration;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitInt, LitStr, Token};

use crate::options::{Given, unknown};
use crate::path::Private;

use super::model::Retry;

const OPTIONS: &[&str] = &["attempts", "first", "max", "factor"];

/// The units of a duration and how many milliseconds each has; the longest first, since `s` ends `ms`.
const UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

/// What stands in `retry(..)`: how often alone, or the options by name.
pub(super) fn policy(word: &Ident, content: ParseStream<'_>) -> syn::Result<Retry> {
    let mut retry = Retry { attempts: 0, first: None, max: None, factor: None };
    if content.peek(LitInt) {
        retry.attempts = at_least_one(content, "attempts")?;
        return Ok(retry);
    }
    let mut given = Given::default();
    while !content.is_empty() {
        let option = content.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(
                error.span(),
                "write how often the handler is tried: `retry(5)`, or `retry(attempts = 5, first = \"1s\")`",
            )
        })?;
        let name = option.unraw().to_string();
        if !OPTIONS.contains(&name.as_str()) {
            return Err(unknown(&option, OPTIONS));
        }
        given.once(&option)?;
        content.parse::<Token![=]>()?;
        match name.as_str() {
            "attempts" => retry.attempts = at_least_one(content, &name)?,
            "factor" => retry.factor = Some(at_least_one(content, &name)?),
            "first" => retry.first = Some(duration(content)?),
            _ => retry.max = Some(duration(content)?),
        }
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    if retry.attempts == 0 {
        return Err(syn::Error::new(word.span(), "write how often the handler is tried: `retry(5)`"));
    }
    Ok(retry)
}

/// A whole number above zero.
fn at_least_one(input: ParseStream<'_>, what: &str) -> syn::Result<u32> {
    let value: LitInt = input
        .parse()
        .map_err(|error: syn::Error| syn::Error::new(error.span(), format!("`{what}` is a whole number")))?;
    match value.base10_parse::<u32>() {
        Ok(0) => Err(syn::Error::new(value.span(), format!("`{what}` is at least 1"))),
        Ok(number) => Ok(number),
        Err(error) => Err(error),
    }
}

/// A duration, such as `"5s"`.
pub(super) fn duration(input: ParseStream<'_>) -> syn::Result<Duration> {
    const FORM: &str = "write a duration as a text: a whole number and `ms`, `s`, `m` or `h`, such as \"5s\"";

    let text: LitStr = input.parse().map_err(|error: syn::Error| syn::Error::new(error.span(), FORM))?;
    let value = text.value();
    let parsed = UNITS.iter().find_map(|(unit, millis)| {
        let number: u64 = value.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*millis)
    });
    match parsed {
        Some(0) => Err(syn::Error::new(text.span(), "a duration of zero leaves no time at all")),
        Some(millis) => Ok(Duration::from_millis(millis)),
        None => Err(syn::Error::new(text.span(), FORM)),
    }
}

/// The policy, as generated code makes it.
pub(super) fn expand(retry: Option<&Retry>, private: &Private) -> TokenStream {
    let Some(retry) = retry else {
        return quote!(#private::Option::None);
    };
    let attempts = Literal::u32_unsuffixed(retry.attempts);
    let first = retry.first.map(|first| duration_of(first, private)).map(|first| quote!(.first(#first)));
    let max = retry.max.map(|max| duration_of(max, private)).map(|max| quote!(.max(#max)));
    let factor = retry.factor.map(Literal::u32_unsuffixed).map(|factor| quote!(.factor(#factor)));
    quote!(#private::Option::Some(#private::Retry::new(#attempts) #first #max #factor))
}

/// The time that a handler has, as generated code makes it.
pub(super) fn expand_timeout(timeout: Option<Duration>, private: &Private) -> TokenStream {
    let timeout = timeout.map(|timeout| duration_of(timeout, private));
    timeout.map_or_else(|| quote!(#private::Option::None), |timeout| quote!(#private::Option::Some(#timeout)))
}

fn duration_of(duration: Duration, private: &Private) -> TokenStream {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut millis = Literal::u64_unsuffixed(millis);
    millis.set_span(Span::call_site());
    quote!(#private::Duration::from_millis(#millis))
}
