//! The blocks of code in a chapter.

use crate::Chapter;

/// A block of code.
pub(crate) struct Block {
    /// What it is written in, and what follows that on its first line.
    pub(crate) language: String,
    pub(crate) options: Vec<String>,
    /// The line in the file of the chapter that its first line is, counted from 1.
    pub(crate) line: usize,
    pub(crate) lines: Vec<String>,
    /// What the program in it prints, where the next block says so: the line between them begins with
    /// "It prints".
    pub(crate) prints: Option<Vec<String>>,
}

/// The blocks of a chapter, in order.
pub(crate) fn of(chapter: &Chapter) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut prints = false;
    let mut lines = chapter.text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let Some(head) = line.strip_prefix("```") else {
            assert!(!line.trim_start().starts_with("```"), "{}:{number}: a block is indented", chapter.name);
            if !line.is_empty() {
                prints = line.starts_with("It prints");
            }
            continue;
        };
        let mut head = head.split(',').map(str::to_owned);
        let language = head.next().unwrap_or_default();
        assert!(!language.is_empty(), "{}:{number}: a block does not say what it is", chapter.name);
        let body: Vec<_> = lines
            .by_ref()
            .map(|(line, _)| line)
            .take_while(|line| *line != "```")
            .map(str::to_owned)
            .collect();
        if prints {
            assert_eq!(language, "text", "{}:{number}: what is printed is a text", chapter.name);
            let program = blocks.last_mut().filter(|block| block.language == "rust");
            program.expect("what is printed follows a program").prints = Some(body);
        } else {
            blocks.push(Block {
                language,
                options: head.collect(),
                line: number + 1,
                lines: body,
                prints: None,
            });
        }
        prints = false;
    }
    blocks
}

/// A line of a program as the compiler sees it: what is hidden from the reader follows `# `.
fn visible(line: &str) -> &str {
    line.strip_prefix("# ").unwrap_or(if line == "#" { "" } else { line })
}

/// What a block of Rust becomes a part of.
pub(crate) enum Form {
    Program,
    Tests,
}

impl Block {
    /// The source of a file that can be compiled, its lines where they are in the chapter. Statements
    /// become the body of a `main` that may use `?`.
    pub(crate) fn source(&self) -> (Form, String) {
        let code = self.lines.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n");
        let above = "\n".repeat(self.line - 1);
        let Ok(file) = syn::parse_file(&code) else {
            return (Form::Program, format!("{above}fn main() -> anyhow::Result<()> {{ {code}\nOk(()) }}\n"));
        };
        let has_main =
            file.items.iter().any(|item| matches!(item, syn::Item::Fn(f) if f.sig.ident == "main"));
        if has_main {
            (Form::Program, format!("{above}{code}\n"))
        } else if code.contains("test]") || code.contains("_laws!") {
            (Form::Tests, format!("{above}{code}\n"))
        } else {
            (Form::Program, format!("{above}{code}\nfn main() {{}}\n"))
        }
    }
}

#[test]
fn a_block_knows_its_lines_and_what_it_prints() {
    let text = "# Title\n\n```rust\nfn main() {}\n```\n\nIt prints:\n\n```text\none\n```\n\n```rust,no_run\nlet a = 1;\n# a;\n```\n";
    let blocks = of(&Chapter { name: "chapter".into(), text: text.into() });
    let [program, statements] = blocks.as_slice() else { panic!("there are two: {}", blocks.len()) };
    assert_eq!((program.line, program.prints.as_deref()), (4, Some(&["one".to_owned()][..])));
    assert_eq!((statements.line, &*statements.options), (14, &["no_run".to_owned()][..]));
    let (_, source) = statements.source();
    assert_eq!(source.lines().nth(13), Some("fn main() -> anyhow::Result<()> { let a = 1;"));
    assert_eq!(source.lines().nth(14), Some("a;"));
}
