use std::rc::Rc;

use pyventus::on;

#[on("order.placed")]
fn handler() -> Rc<u32> {
    Rc::new(1)
}

fn main() {}
