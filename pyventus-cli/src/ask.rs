//! Asking before something is gone for good.

use std::io::{self, BufRead, IsTerminal as _, Write};

use anyhow::bail;

/// Goes on where the answer is yes, or was given before with `--yes`.
pub(crate) fn confirm(question: &str, is_confirmed: bool) -> anyhow::Result<()> {
    if is_confirmed {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        bail!("{question} Say so with `--yes`: nobody is there to be asked");
    }
    if is_answered(question, &mut io::stdin().lock(), &mut anstream::stderr())? {
        return Ok(());
    }
    bail!("nothing was changed")
}

/// Whether the answer is yes; anything else is no.
fn is_answered(question: &str, input: &mut dyn BufRead, asked: &mut dyn Write) -> io::Result<bool> {
    write!(asked, "{question} [y/N] ")?;
    asked.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::is_answered;

    #[test]
    fn only_a_yes_is_a_yes() {
        let answer = |typed: &str| {
            let mut asked = Vec::new();
            let answer = is_answered("Drop it?", &mut typed.as_bytes(), &mut asked);
            assert_eq!(asked, b"Drop it? [y/N] ");
            answer.expect("memory can be read and written")
        };
        assert!(["y\n", "Y\n", "yes\n", " Yes \n"].into_iter().all(answer));
        assert!(!["", "\n", "n\n", "no\n", "yeah\n", "\ny\n"].into_iter().any(answer));
    }
}
