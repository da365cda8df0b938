use pyventus::on;

#[on("a", timeout)]
fn bare() {}

#[on("a", timeout = 5)]
fn a_number() {}

#[on("a", timeout = "5")]
fn no_unit() {}

#[on("a", timeout = "0s")]
fn no_time() {}

#[on("a", timeout("5s"))]
fn in_parentheses() {}

fn main() {}
