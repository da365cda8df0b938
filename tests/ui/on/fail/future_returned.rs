use std::future::Ready;
use std::pin::Pin;

use pyventus::on;

#[on("order.placed")]
fn handler() -> Ready<()> {
    std::future::ready(())
}

#[on("order.placed")]
fn boxed() -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async {})
}

fn main() {}
