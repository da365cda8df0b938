//! The grammar that the attributes share: `name = value`, given once, known by name.

use std::collections::HashMap;

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;

/// Which options were given, and where.
#[derive(Default)]
pub(crate) struct Given(HashMap<String, Span>);

impl Given {
    /// Notes that an option is given; a second time is an error that points at both.
    pub(crate) fn once(&mut self, option: &Ident) -> syn::Result<()> {
        let name = option.unraw().to_string();
        let Some(first) = self.0.insert(name.clone(), option.span()) else { return Ok(()) };
        let mut error = syn::Error::new(option.span(), format!("the option `{name}` is given twice"));
        error.combine(syn::Error::new(first, format!("`{name}` is given here first")));
        Err(error)
    }
}

/// An option that does not exist; names those that do, the nearest first.
pub(crate) fn unknown(option: &Ident, known: &[&str]) -> syn::Error {
    let name = option.unraw().to_string();
    let list = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    let nearest =
        known.iter().min_by_key(|known| distance(&name, known)).filter(|known| distance(&name, known) <= 2);
    let hint = nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
    let one_of = if known.len() > 1 { "one of " } else { "" };
    syn::Error::new(option.span(), format!("unknown option `{name}`, expected {one_of}{list}{hint}"))
}

/// Skips what belongs to an option that is not understood, up to the next comma.
pub(crate) fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(syn::Token![,]) {
        if input.parse::<proc_macro2::TokenTree>().is_err() {
            return;
        }
    }
}

/// How many letters have to change to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn the_distance_counts_changed_added_and_missing_letters() {
        assert_eq!(distance("priority", "priority"), 0);
        assert_eq!(distance("priorty", "priority"), 1);
        assert_eq!(distance("linkers", "linker"), 1);
        assert_eq!(distance("", "after"), 5);
    }
}
