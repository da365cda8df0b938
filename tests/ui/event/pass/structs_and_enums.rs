use pyventus::Event;

#[derive(Event)]
struct Placed;

#[derive(Event)]
#[event(name = "order.paid")]
#[expect(dead_code)]
struct Paid {
    id: u64,
}

#[derive(Event)]
#[event(crate = ::pyventus)]
#[expect(dead_code)]
enum Shipped {
    Whole,
    InParts(u8),
}

fn main() {
    assert_eq!(Placed::NAME, "Placed");
    assert_eq!(Paid::NAME, "order.paid");
    assert_eq!(Shipped::NAME, "Shipped");
}
