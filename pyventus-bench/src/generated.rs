//! Programs that are written and built by the benchmark: what is declared cannot be repeated in a
//! process, and what it costs to compile can be measured on code alone.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package of its own, which depends on pyventus as this workspace has it.
pub(crate) struct Package {
    name: String,
    folder: PathBuf,
}

impl Package {
    /// Writes a program to disk, below the folder that this program was built in.
    pub(crate) fn write(name: &str, source: &str) -> io::Result<Self> {
        let folder = generated()?.join(name);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("src/main.rs"), source)?;
        fs::write(folder.join("Cargo.toml"), manifest(name, &root))?;
        // The same versions of everything.
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Self { name: name.to_owned(), folder })
    }

    /// A command of cargo on the package; packages share what they depend on.
    pub(crate) fn cargo(&self, command: &str) -> io::Result<Command> {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .arg(command)
            .args(["--quiet", "--offline"])
            .env("CARGO_TARGET_DIR", generated()?.join("target"))
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("RUSTFLAGS")
            .current_dir(&self.folder);
        Ok(cargo)
    }

    /// Makes cargo compile the package again.
    pub(crate) fn touch(&self) -> io::Result<()> {
        let source = self.folder.join("src/main.rs");
        fs::write(&source, fs::read(&source)?)
    }

    /// The program, once it was built in release.
    pub(crate) fn program(&self) -> io::Result<PathBuf> {
        Ok(generated()?.join("target/release").join(&self.name).with_extension(env::consts::EXE_EXTENSION))
    }
}

/// Runs a command to its end; returns what it wrote.
pub(crate) fn output(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("{command:?} failed: {stderr}")));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}

fn generated() -> io::Result<PathBuf> {
    let program = env::current_exe()?;
    let built_in = program.parent().and_then(Path::parent).unwrap_or(Path::new("target"));
    Ok(built_in.join("generated"))
}

fn manifest(name: &str, root: &Path) -> String {
    format!(
        r#"[package]
name = "{name}"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
pyventus = {{ path = '{}' }}

[profile.release]
lto = "thin"
codegen-units = 1

[workspace]
"#,
        root.display()
    )
}
