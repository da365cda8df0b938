//! Where the links of the book lead.

use std::collections::BTreeSet;
use std::fs;

use crate::{Chapter, chapters, root, src};

/// Where the files of this repository are read that are no pages of the book.
const REPOSITORY: &str = "https://github.com/pyventus/pyventus-rs/blob/main/";

#[test]
fn every_link_leads_somewhere() {
    let chapters = chapters();
    let mut broken = Vec::new();
    for chapter in &chapters {
        for target in links(&chapter.text) {
            if let Err(reason) = follow(&target, chapter, &chapters) {
                broken.push(format!("docs/src/{}.md: {target}: {reason}", chapter.name));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_table_of_contents_lists_every_chapter_once() {
    let contents = fs::read_to_string(src().join("SUMMARY.md")).unwrap();
    let listed = links(&contents);
    let names: BTreeSet<_> = chapters().into_iter().map(|chapter| format!("{}.md", chapter.name)).collect();
    assert_eq!(listed.len(), names.len(), "{listed:?}");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), names);
}

#[test]
fn a_broken_link_is_told_from_one_that_leads_somewhere() {
    let chapter = |name: &str, text: &str| Chapter { name: name.into(), text: text.into() };
    let here = chapter("here", "# Here\n\n## What `it` is, in 2 words\n");
    let chapters = [chapter("there", "# There it is\n\n```text\n# no heading\n```\n")];
    for leads in [
        "there.md",
        "there.md#there-it-is",
        "#what-it-is-in-2-words",
        "https://example.com",
        "graphs/hello_world.svg",
        REPOSITORY_README,
    ] {
        assert_eq!(follow(leads, &here, &chapters), Ok(()), "{leads}");
    }
    for broken in [
        "nowhere.md",
        "there.md#no-heading",
        "#there-it-is",
        "../there.md",
        "graphs/nothing.svg",
        "https://github.com/pyventus/pyventus-rs/blob/main/nothing",
    ] {
        assert!(follow(broken, &here, &chapters).is_err(), "{broken}");
    }
    assert_eq!(links("[a](b.md), `[c](d)`\n\n```text\n[e](f)\n```\n\n[g](h)"), ["b.md", "h"]);
}

const REPOSITORY_README: &str = "https://github.com/pyventus/pyventus-rs/blob/main/README.md";

/// What the links in a text name, those in code left out.
fn links(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for line in prose(text) {
        let outside_of_code: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for rest in outside_of_code.split("](").skip(1) {
            targets.push(rest.split(')').next().unwrap_or_default().to_owned());
        }
    }
    targets
}

/// The lines of a text that stand in no block of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_block = false;
    text.lines().filter(move |line| {
        let fence = line.starts_with("```");
        in_block ^= fence;
        !fence && !in_block
    })
}

fn follow(target: &str, from: &Chapter, chapters: &[Chapter]) -> Result<(), &'static str> {
    if let Some(file) = target.strip_prefix(REPOSITORY) {
        let (file, _anchor) = file.split_once('#').unwrap_or((file, ""));
        return if root().join(file).exists() { Ok(()) } else { Err("there is no such file") };
    }
    if target.starts_with("https://") {
        return Ok(());
    }
    if let Some(drawn) = target.strip_prefix("graphs/").and_then(|file| file.strip_suffix(".svg")) {
        let kept = root().join(format!("tests/examples/graphs/{drawn}.json"));
        return if kept.is_file() { Ok(()) } else { Err("no such graph is drawn") };
    }
    let (page, anchor) = target.split_once('#').unwrap_or((target, ""));
    let chapter = match page.strip_suffix(".md") {
        _ if page.is_empty() => from,
        Some(name) => {
            chapters.iter().find(|chapter| chapter.name == name).ok_or("there is no such chapter")?
        }
        None => return Err("it is neither a chapter nor an address"),
    };
    let found = anchor.is_empty() || headings(&chapter.text).any(|heading| heading == anchor);
    if found { Ok(()) } else { Err("the chapter has no such heading") }
}

/// The headings of a chapter, as mdBook turns them into anchors.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    headings.map(|heading| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        words
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                _ => None,
            })
            .collect()
    })
}
