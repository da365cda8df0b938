use pyventus::on;

#[on]
fn bare() {}

#[on()]
fn empty() {}

#[on(priority = 1)]
fn only_an_option() {}

fn main() {}
