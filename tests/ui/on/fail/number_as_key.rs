use pyventus::on;

#[on(404)]
fn handler() {}

fn main() {}
