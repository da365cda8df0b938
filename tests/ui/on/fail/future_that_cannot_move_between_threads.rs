use std::rc::Rc;

use pyventus::on;

#[on("order.placed")]
async fn handler() {
    let counter = Rc::new(1);
    std::future::ready(()).await;
    drop(counter);
}

fn main() {}
