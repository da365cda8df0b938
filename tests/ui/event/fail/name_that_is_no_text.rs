use pyventus::Event;

#[derive(Event)]
#[event(name = 7)]
struct Number;

#[derive(Event)]
#[event("order.placed")]
struct Bare;

#[derive(Event)]
#[event]
struct Nothing;

#[derive(Event)]
#[event(name("order.placed"))]
struct Parentheses;

#[derive(Event)]
#[event = "order.placed"]
struct Equals;

fn main() {}
