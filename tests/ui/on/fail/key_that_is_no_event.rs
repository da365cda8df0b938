use pyventus::on;

struct Placed;

#[on(Placed)]
fn handler(event: &Placed) {
    let _ = event;
}

fn main() {}
