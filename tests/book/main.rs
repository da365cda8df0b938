//! What the book says is so: its programs are compiled and run and print what it says, its links lead
//! somewhere, and the compiler says what it quotes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod blocks;
mod links;
mod package;
mod quotes;

use std::fs;
use std::path::{Path, PathBuf};

/// A page of the book.
struct Chapter {
    /// The name of its file, without the extension.
    name: String,
    text: String,
}

/// The pages of the book, by name; the table of contents is none of them.
fn chapters() -> Vec<Chapter> {
    let mut chapters: Vec<_> = fs::read_dir(src())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| Chapter {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            text: fs::read_to_string(path).unwrap(),
        })
        .filter(|chapter| chapter.name != "SUMMARY")
        .collect();
    chapters.sort_by(|a, b| a.name.cmp(&b.name));
    chapters
}

fn src() -> PathBuf {
    root().join("docs/src")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
