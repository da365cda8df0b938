use pyventus::on;

type Answer = Result<u32, String>;

#[on("order.placed")]
fn handler() -> Answer {
    Err(String::from("broken"))
}

fn main() {}
