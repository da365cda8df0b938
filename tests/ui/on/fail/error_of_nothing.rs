use pyventus::on;

#[on(error())]
fn nothing() {}

#[on(error("smtp"))]
fn a_text() {}

fn main() {}
