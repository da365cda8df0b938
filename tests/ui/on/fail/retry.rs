use pyventus::on;

#[on("a", retry(0))]
fn never() {}

#[on("a", retry)]
fn bare() {}

#[on("a", retry = 5)]
fn by_value() {}

#[on("a", retry())]
fn empty() {}

#[on("a", retry(first = "1s"))]
fn without_attempts() {}

#[on("a", retry(attempts = 3, pause = "1s"))]
fn unknown_option() {}

#[on("a", retry(attempts = 3, first = "1 second"))]
fn no_duration() {}

#[on("a", retry(attempts = 3, factor = 0))]
fn no_factor() {}

#[on("a", retry(3), retry(4))]
fn twice() {}

fn main() {}
