//! A crate that only holds handlers: it exports nothing, so a program has to name it to link it.
#![expect(clippy::print_stdout, reason = "an example prints")]

use pyventus::on;

#[on("OrderPlaced")]
fn invoice() {
    println!("billing writes an invoice");
}
