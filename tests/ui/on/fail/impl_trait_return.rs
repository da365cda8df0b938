use pyventus::on;

#[on("order.placed")]
fn handler() -> impl Future<Output = ()> {
    async {}
}

fn main() {}
