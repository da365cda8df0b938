use pyventus::on_event;

#[on_event]
fn handle() {}

fn main() {
    handle();
}
