//! Handlers are found however the program is built. What the linker of the platform drops shows in
//! a program of several crates alone, and in some builds alone.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn a_debug_build_finds_every_handler_once() {
    // Where the program of the tests themselves was built: nearly all of it is there already.
    finds_every_handler_once(&mut run());
}

#[test]
fn an_optimised_build_finds_every_handler_once() {
    let optimised = || {
        let mut run = run();
        run.arg("--release").arg("--target-dir").arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("builds"));
        run
    };
    finds_every_handler_once(optimised().env("CARGO_PROFILE_RELEASE_LTO", "off"));
    // One after the other in one directory, which spares building the macros twice.
    finds_every_handler_once(
        optimised().env("CARGO_PROFILE_RELEASE_LTO", "fat").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    );
}

/// The command that builds and runs the example whose handlers stand in several crates.
fn run() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["run", "--quiet", "-p", "handlers_in_crates"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null());
    cargo
}

fn finds_every_handler_once(run: &mut Command) {
    let output = run.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{run:?}: {}\n{stdout}{stderr}", output.status);
    for handler in
        ["billing writes an invoice", "the warehouse picks the goods", "the program thanks the customer"]
    {
        let times = stdout.lines().filter(|line| *line == handler).count();
        assert_eq!(times, 1, "{run:?}: {handler:?} was printed {times} times in\n{stdout}");
    }
    assert!(stdout.lines().any(|line| line == "handlers=3"), "{run:?}: not three handlers in\n{stdout}");
}
