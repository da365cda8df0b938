use pyventus::on;

struct Broken;

#[on("order.placed")]
fn handler() -> Result<u32, Broken> {
    Err(Broken)
}

#[on("order.placed")]
async fn asynchronous() -> Result<u32, Broken> {
    Err(Broken)
}

fn main() {}
