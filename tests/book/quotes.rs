//! What the book says that the compiler and the README say.

use std::fs;
use std::path::Path;

use crate::{blocks, chapters, root, src};

#[test]
fn every_message_of_the_compiler_is_one_that_a_program_below_tests_ui_gets() {
    let messages = messages(&root().join("tests/ui"));
    assert!(!messages.is_empty());
    let mut unknown = Vec::new();
    for chapter in chapters() {
        for block in blocks::of(&chapter).iter().filter(|block| block.language == "text") {
            let is_message = block.lines.first().is_some_and(|line| line.starts_with("error"));
            if is_message && !messages.iter().any(|message| quotes(&block.lines, message)) {
                unknown.push(format!("docs/src/{}.md:{}: {}", chapter.name, block.line, block.lines[0]));
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn the_table_of_backends_is_that_of_the_readme() {
    let table = |text: &str| {
        let rows = text.lines().skip_while(|line| !line.starts_with("| backend |"));
        rows.take_while(|line| line.starts_with('|')).map(str::to_owned).collect::<Vec<_>>()
    };
    let readme = table(&fs::read_to_string(root().join("README.md")).unwrap());
    assert!(!readme.is_empty());
    assert_eq!(table(&fs::read_to_string(src().join("backends.md")).unwrap()), readme);
}

/// Whether the lines stand in the message in this order; others may be left out between them.
fn quotes(lines: &[String], message: &str) -> bool {
    let mut message = message.lines();
    lines.iter().all(|line| message.any(|other| other.trim() == line.trim()))
}

fn messages(folder: &Path) -> Vec<String> {
    let mut messages = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            messages.extend(self::messages(&path));
        } else if path.extension().is_some_and(|extension| extension == "stderr") {
            messages.push(fs::read_to_string(path).unwrap());
        }
    }
    messages
}
