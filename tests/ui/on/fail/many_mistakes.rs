use pyventus::on;

#[on("", 7, priority = "high", colour = 1, crate = here)]
unsafe fn handler(text: impl Into<String>, event: &mut u8) -> ! {
    let _ = (text.into(), event);
    loop {}
}

fn main() {}
