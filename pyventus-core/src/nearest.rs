//! The name that a misspelt one was probably meant to be.

/// Returns the candidate that is nearest to a name, if it is near enough to be meant.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance =
        |candidate: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase());
    // A third of the letters: more is another word.
    let limit = name.chars().count() / 3;
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_another_word_is_not() {
        let known = ["OrderPlaced", "OrderShipped", "user.created"];
        assert_eq!(nearest("OrderPlacd", known), Some("OrderPlaced"));
        assert_eq!(nearest("orderplaced", known), Some("OrderPlaced"));
        assert_eq!(nearest("user.craeted", known), Some("user.created"));
        assert_eq!(nearest("PasswordReset", known), None);
        assert_eq!(nearest("OrderPlaced", known), None, "it is not misspelt");
        assert_eq!(nearest("", known), None);
    }
}
