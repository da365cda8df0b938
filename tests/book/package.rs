//! The blocks of Rust, each a program or a test of a package that is made for them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::blocks::{self, Block, Form};
use crate::support::printed::compare;
use crate::{chapters, root};

/// What the programs of the book may use. Versions are those of this workspace, whose lock file is
/// copied.
const DEPENDENCIES: &str = r#"
pyventus = { path = "ROOT", features = ["asyncapi", "axum", "cli", "conformance", "fmt", "metrics", "opentelemetry", "queue", "redis", "sqlite", "testing"] }
anyhow = "*"
axum = { version = "*", default-features = false, features = ["http1", "tokio"] }
futures = "*"
metrics-util = { version = "*", default-features = false, features = ["debugging"] }
opentelemetry = { version = "*", default-features = false }
opentelemetry_sdk = { version = "*", default-features = false, features = ["testing", "trace"] }
schemars = { version = "*", default-features = false, features = ["derive", "std"] }
serde = { version = "*", features = ["derive"] }
serde_json = "*"
thiserror = "*"
tokio = { version = "*", features = ["macros", "rt-multi-thread", "sync", "time"] }
tracing = "*"
tracing-opentelemetry = { version = "*", default-features = false }
tracing-subscriber = { version = "*", default-features = false, features = ["registry", "std"] }
"#;

/// A program or a test of the package, and the block that it was made of.
struct Example {
    name: String,
    chapter: String,
    block: Block,
    form: Form,
    source: String,
}

#[test]
fn every_block_of_rust_is_compiled_and_run_and_prints_what_is_said() {
    let examples = examples();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
    write(&folder, &examples);

    succeed(cargo(&folder).args(["build", "--bins"]));
    succeed(cargo(&folder).args(["test", "--test", "*"]));
    let mut wrong = Vec::new();
    for example in &examples {
        if matches!(example.form, Form::Program)
            && !example.block.options.iter().any(|option| option == "no_run")
            && let Err(reason) = example.run(&folder)
        {
            wrong.push(format!("docs/src/{}.md:{}: {reason}", example.chapter, example.block.line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The blocks of all chapters, or of the one that `BOOK` names.
fn examples() -> Vec<Example> {
    let wanted = std::env::var("BOOK").ok();
    let mut examples = Vec::new();
    for chapter in chapters() {
        if wanted.as_ref().is_some_and(|wanted| *wanted != chapter.name) {
            continue;
        }
        for block in blocks::of(&chapter).into_iter().filter(|block| block.language == "rust") {
            let unknown = block.options.iter().find(|option| *option != "no_run");
            assert!(unknown.is_none(), "{}:{}: {unknown:?} is not an option", chapter.name, block.line);
            let (form, source) = block.source();
            let name = format!("{}_{}", chapter.name, block.line).replace('-', "_");
            examples.push(Example { name, chapter: chapter.name.clone(), block, form, source });
        }
    }
    assert!(!examples.is_empty(), "there are programs in the book");
    examples
}

impl Example {
    fn program(&self) -> String {
        format!("src/bin/{}.rs", self.name)
    }

    /// A program with tests in it is both.
    fn files(&self) -> Vec<String> {
        let tests = format!("tests/{}.rs", self.name);
        match self.form {
            Form::Program if self.source.contains("#[cfg(test)]") => vec![self.program(), tests],
            Form::Program => vec![self.program()],
            Form::Tests => vec![tests],
        }
    }

    fn run(&self, folder: &Path) -> Result<(), String> {
        let program =
            folder.join("target/debug").join(format!("{}{}", self.name, std::env::consts::EXE_SUFFIX));
        let run = output(Command::new(program).current_dir(folder));
        let stdout = self.as_a_reader_has_it(&String::from_utf8_lossy(&run.stdout));
        if !run.status.success() {
            return Err(format!("{}\n{stdout}{}", run.status, String::from_utf8_lossy(&run.stderr)));
        }
        match &self.block.prints {
            Some(lines) => compare(&lines.iter().map(|line| &**line).collect::<Vec<_>>(), &stdout),
            None => Ok(()),
        }
    }

    /// A program of a reader is `src/main.rs` of a package, and begins with its first line; the package
    /// of whoever follows the book is called `shop`.
    fn as_a_reader_has_it(&self, stdout: &str) -> String {
        let place = format!("{}:", self.program());
        let text: Vec<_> = stdout
            .split(&*place)
            .enumerate()
            .map(|(index, part)| {
                if index == 0 {
                    return part.to_owned();
                }
                let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
                let line: usize = part[..end].parse().expect("a line follows the file");
                format!("src/main.rs:{}{}", line + 1 - self.block.line, &part[end..])
            })
            .collect();
        text.concat().replace(&format!("{}::", self.name), "shop::")
    }
}

/// Writes the package; what is there already and has not changed is not built anew.
fn write(folder: &Path, examples: &[Example]) {
    let dependencies = DEPENDENCIES.replace("ROOT", root().to_str().unwrap());
    let manifest = format!(
        "[package]\nname = \"book\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]{dependencies}\n\
         [lints.rust]\ndead_code = \"allow\"\nunused_imports = \"deny\"\nunused_must_use = \"deny\"\n\n\
         [profile.dev]\ndebug = false\n"
    );
    let mut kept = BTreeSet::new();
    for example in examples {
        for file in example.files() {
            write_file(&folder.join(&file), &example.source);
            kept.insert(folder.join(file));
        }
    }
    for old in files(&folder.join("src/bin")).chain(files(&folder.join("tests"))) {
        if !kept.contains(&old) {
            fs::remove_file(old).unwrap();
        }
    }
    write_file(&folder.join("tests/none.rs"), "");
    write_file(&folder.join("Cargo.toml"), &manifest);
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::create_dir_all(folder).unwrap();
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())
}

fn write_file(file: &Path, text: &str) {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return;
    }
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// Cargo in the package. All crates that it needs have been downloaded for this workspace.
fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder).arg("--quiet").arg("--offline").env("CARGO_TARGET_DIR", folder.join("target"));
    cargo
}

fn succeed(command: &mut Command) {
    let run = output(command);
    let (stdout, stderr) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{command:?}: {}\n{stdout}{stderr}", run.status);
}

fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}
