use pyventus::on;

#[on("order.placed")]
fn handler() -> ! {
    loop {}
}

fn main() {}
