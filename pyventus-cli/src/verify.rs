//! `verify`: whether the declarations of the program fit together.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use pyventus_core::{EventLinker, Severity};
use serde_json::json;

use crate::verdict::Verdict;

/// What is taken for a mistake.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// From which severity on the exit code is 1.
    #[arg(long, value_enum, default_value_t = Severe::Error)]
    pub deny: Severe,
    /// Print JSON instead of lines.
    #[arg(long)]
    pub json: bool,
}

/// A severity, as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Severe {
    /// May well be intended.
    Note,
    /// Is probably a mistake.
    Warning,
    /// Is a mistake.
    Error,
}

pub(crate) fn check(args: &VerifyArgs, out: &mut dyn Write) -> anyhow::Result<Verdict> {
    let findings = EventLinker::verify();
    if args.json {
        let findings: Vec<_> = findings
            .iter()
            .map(|finding| json!({ "severity": name(finding.severity()).0, "finding": finding.to_string() }))
            .collect();
        writeln!(out, "{:#}", json!(findings))?;
    } else {
        for finding in &findings {
            let (name, style) = name(finding.severity());
            writeln!(out, "{style}{name}{style:#}: {finding}")?;
        }
        let count = |severity| findings.iter().filter(|finding| finding.severity() == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        writeln!(out, "{errors} errors, {warnings} warnings, {} notes", count(Severity::Note))?;
    }
    let denied = match args.deny {
        Severe::Note => Severity::Note,
        Severe::Warning => Severity::Warning,
        Severe::Error => Severity::Error,
    };
    let found = findings.iter().any(|finding| finding.severity() >= denied);
    Ok(if found { Verdict::Found } else { Verdict::Well })
}

fn name(severity: Severity) -> (&'static str, Style) {
    match severity {
        Severity::Note => ("note", AnsiColor::Cyan.on_default()),
        Severity::Warning => ("warning", AnsiColor::Yellow.on_default().bold()),
        Severity::Error => ("error", AnsiColor::Red.on_default().bold()),
    }
}
