use pyventus::Event;

#[derive(Event)]
union Either {
    number: u32,
    letter: char,
}

fn main() {}
