//! What a program is said to print, and what it has printed.

/// Compares what a page says a program prints with what it has printed.
pub(crate) fn compare(expected: &[&str], stdout: &str) -> Result<(), String> {
    let found: Vec<_> = stdout.lines().collect();
    let same = |(expected, found): (&&str, &&str)| matches(expected, found);
    if expected.len() == found.len() && expected.iter().zip(&found).all(same) {
        return Ok(());
    }
    Err(format!("it says\n  {}\nbut printed was\n  {}", expected.join("\n  "), found.join("\n  ")))
}

/// Whether the line is the expected one, where `<time>` stands for a date and a time, and `<id>` for
/// the identity of an emission.
pub(crate) fn matches(expected: &str, line: &str) -> bool {
    const FORMS: [(&str, &str); 2] =
        [("<time>", "0000-00-00 00:00:00 ?M"), ("<id>", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")];
    let placeholders = FORMS.iter().filter_map(|(name, form)| Some((expected.find(name)?, name, form)));
    let Some((place, name, form)) = placeholders.min() else {
        return expected == line;
    };
    let (before, after) = (&expected[..place], &expected[place + name.len()..]);
    line.strip_prefix(before)
        .and_then(|rest| rest.split_at_checked(form.len()))
        .is_some_and(|(value, rest)| has_form(value, form) && matches(after, rest))
}

fn has_form(value: &str, form: &str) -> bool {
    value.bytes().zip(form.bytes()).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        b'x' => byte.is_ascii_hexdigit(),
        b'?' => matches!(byte, b'A' | b'P'),
        _ => byte == form,
    })
}
