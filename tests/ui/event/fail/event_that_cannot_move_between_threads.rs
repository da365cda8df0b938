use std::rc::Rc;

use pyventus::Event;

#[derive(Event)]
struct Placed {
    id: Rc<u64>,
}

fn main() {}
