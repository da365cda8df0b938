use pyventus::on;

#[on("order.placed")]
fn ty<T>(value: T) {
    drop(value);
}

#[on("order.placed")]
fn constant<const N: usize>(value: [u8; N]) {
    let _ = value;
}

#[on("order.placed")]
fn lifetime<'a>(text: &'a str) {
    let _ = text;
}

#[on("order.placed")]
fn bound()
where
    u32: Copy,
{
}

fn main() {}
