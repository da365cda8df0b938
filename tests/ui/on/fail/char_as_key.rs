use pyventus::on;

#[on('a')]
fn handler() {}

fn main() {}
