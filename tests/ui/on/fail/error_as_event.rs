use pyventus::on;

#[on(std::io::Error)]
fn handler() {}

fn main() {}
