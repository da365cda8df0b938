//! What a declared handler costs to compile.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::generated::{Package, output};

/// How often each build is timed; the fastest counts, as nothing makes a build too fast.
const BUILDS: usize = 3;

/// Writes, for each number of handlers, the lines that they expand to and the time that `cargo
/// check` and `cargo build` take, in all and for each handler.
pub(crate) fn write(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:>8} {:>14} {:>14} {:>14}",
        "handlers", "lines each", "check, ms each", "build, ms each"
    )?;
    let none = Cost::of(0)?;
    for n in [0, 500, 2000] {
        let cost = if n == 0 { none } else { Cost::of(n)? };
        let each = cost.over(none, n);
        writeln!(out, "{n:>8} {:>14.1} {:>14.3} {:>14.3}", each.lines, each.check, each.build)?;
        writeln!(
            out,
            "case=compile_time n={n} check_ms={:.0} build_ms={:.0} lines_each={:.1} check_ms_each={:.3} \
             build_ms_each={:.3}",
            cost.check, cost.build, each.lines, each.check, each.build,
        )?;
        out.flush()?;
    }
    Ok(())
}

/// Lines of the expanded program, and milliseconds.
#[derive(Clone, Copy)]
struct Cost {
    lines: f64,
    check: f64,
    build: f64,
}

impl Cost {
    fn of(n: usize) -> io::Result<Self> {
        let package = Package::write(&format!("compile_time_{n}"), &program(n))?;
        let expanded = output(
            package
                .cargo("rustc")?
                .args(["--profile", "check", "--", "-Zunpretty=expanded"])
                // The expansion is not shown by a stable compiler.
                .env("RUSTC_BOOTSTRAP", "1"),
        )?;
        let lines = u32::try_from(expanded.lines().count()).map_err(io::Error::other)?;
        Ok(Self { lines: f64::from(lines), check: time(&package, "check")?, build: time(&package, "build")? })
    }

    /// What each of so many handlers adds to a program without any.
    fn over(self, none: Self, n: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "there are few handlers")]
        let each = |of: f64, none: f64| (of - none) / n.max(1) as f64;
        Self {
            lines: each(self.lines, none.lines),
            check: each(self.check, none.check),
            build: each(self.build, none.build),
        }
    }
}

/// Milliseconds of a command of cargo on the package alone.
fn time(package: &Package, command: &str) -> io::Result<f64> {
    // Builds what the package depends on.
    output(&mut package.cargo(command)?)?;
    let mut fastest = Duration::MAX;
    for _ in 0..BUILDS {
        package.touch()?;
        let since = Instant::now();
        output(&mut package.cargo(command)?)?;
        fastest = fastest.min(since.elapsed());
    }
    Ok(fastest.as_secs_f64() * 1e3)
}

/// A program of so many handlers, of three kinds in turn.
fn program(n: usize) -> String {
    let mut source = String::from(HEAD);
    for handler in 0..n {
        let (attribute, function) = match handler % 3 {
            0 => ("\"order.placed\"", format!("fn h{handler}() {{ count(); }}")),
            1 => (
                "OrderPlaced",
                format!(
                    "async fn h{handler}(order: &OrderPlaced) -> Result<u64, std::fmt::Error> \
                     {{ count(); Ok(order.id) }}"
                ),
            ),
            _ => (
                "\"order.paid\"",
                format!("fn h{handler}(customer: &str, amount: u64) {{ count(); _ = (customer, amount); }}"),
            ),
        };
        writeln!(source, "#[pyventus::on({attribute})]\n{function}").expect("a text can be written to");
    }
    source
}

const HEAD: &str = r"use std::sync::atomic::{AtomicU64, Ordering};

use pyventus::{EventEmitter, InlineBackend};

#[derive(pyventus::Event)]
struct OrderPlaced {
    id: u64,
}

static COUNT: AtomicU64 = AtomicU64::new(0);

fn count() {
    COUNT.fetch_add(1, Ordering::Relaxed);
}

fn main() {
    count();
    EventEmitter::new(InlineBackend::new()).emit(OrderPlaced { id: COUNT.load(Ordering::Relaxed) });
}

";
