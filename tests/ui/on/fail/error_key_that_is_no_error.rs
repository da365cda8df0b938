use pyventus::on;

struct Broken;

#[on(error(Broken))]
fn handler() {}

fn main() {}
