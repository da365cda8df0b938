//! The first emission of a program, which links everything that was declared.

use std::fmt::Write;
use std::io;
use std::process::Command;

use crate::generated::{Package, output};
use crate::options::Options;
use crate::race::{Row, median};

/// How many handlers stand in one module: rustc dislikes very long ones.
const PER_MODULE: usize = 500;

const CASE: &str = "first_emit";
const FLOOR: &str = "sort_records";

/// Builds a program for each number of handlers and runs it again and again: a process emits for
/// the first time once.
pub(crate) fn rows(options: &Options) -> io::Result<Vec<Row>> {
    let sizes = [10, 1000, 10_000].into_iter().filter(|&n| options.wants(CASE, n));
    sizes.map(|n| measure(n, options)).collect::<io::Result<Vec<_>>>().map(|rows| rows.concat())
}

fn measure(n: usize, options: &Options) -> io::Result<Vec<Row>> {
    let package = Package::write(&format!("first_emit_{n}"), &program(n))?;
    output(package.cargo("build")?.arg("--release"))?;
    let (mut first, mut sorted) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds() {
        let measured = output(&mut Command::new(package.program()?))?;
        let mut numbers = measured.split_whitespace().map(str::parse);
        let mut next = || numbers.next().and_then(Result::ok).ok_or(io::ErrorKind::InvalidData);
        first.push(next()?);
        sorted.push(next()?);
    }
    let (first, sorted) = (median(&mut first), median(&mut sorted));
    let row = |case: &str, ns| Row {
        case: case.to_owned(),
        n,
        ns,
        floor: FLOOR.to_owned(),
        ratio: ns / sorted,
        beside: None,
    };
    Ok(vec![row(FLOOR, sorted), row(CASE, first)])
}

/// A program of so many declared handlers, which prints how long its first emission took and how
/// long sorting as many records, in nanoseconds.
fn program(n: usize) -> String {
    let mut source = String::from(HEAD);
    for module in 0..n.div_ceil(PER_MODULE) {
        let handlers = module * PER_MODULE..n.min((module + 1) * PER_MODULE);
        writeln!(source, "mod m{module} {{").expect("a text can be written to");
        for handler in handlers {
            writeln!(source, "    #[pyventus::on(\"event.{handler}\")]\n    fn h{handler}() {{}}")
                .expect("a text can be written to");
        }
        source.push_str("}\n");
    }
    source.replace("HANDLERS", &n.to_string())
}

const HEAD: &str = r#"use std::hint::black_box;
use std::time::Instant;

use pyventus::{EventEmitter, InlineBackend};

/// What the least of a registry would hold: where a handler stands, and the handler.
#[derive(Clone, Copy)]
struct Record {
    file: &'static str,
    line: u32,
    column: u32,
    handler: fn(),
}

/// As many records as there are handlers, in no order.
fn records() -> Vec<Record> {
    let mut line: u32 = 1;
    let scattered = (0..HANDLERS).map(|_| {
        line = line.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Record { file: file!(), line: line >> 8, column: 5, handler: || () }
    });
    scattered.collect()
}

fn main() {
    let mut records = black_box(records());
    let since = Instant::now();
    records.sort_unstable_by_key(|record| (record.file, record.line, record.column));
    black_box(&records).iter().for_each(|record| (record.handler)());
    let sorted = since.elapsed();

    let emitter = EventEmitter::new(InlineBackend::new());
    let since = Instant::now();
    let report = emitter.emit("event.0").wait();
    let first = since.elapsed();
    assert_eq!(report.expect("the emission ends").succeeded(), 1);
    println!("{} {}", first.as_nanos(), sorted.as_nanos());
}

"#;
