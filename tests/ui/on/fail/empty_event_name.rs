use pyventus::on;

#[on("")]
fn handler() {}

fn main() {}
