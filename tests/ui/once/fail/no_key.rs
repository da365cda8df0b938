use pyventus::once;

#[once]
fn handler() {}

fn main() {}
