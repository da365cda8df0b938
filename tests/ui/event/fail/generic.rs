use pyventus::Event;

#[derive(Event)]
struct Changed<T> {
    value: T,
}

#[derive(Event)]
struct Borrowed<'a> {
    text: &'a str,
}

fn main() {}
