use pyventus::on;

struct Pool;

#[on("order.placed")]
fn handler(pool: Pool) {
    drop(pool);
}

#[on("order.placed")]
async fn asynchronous(pool: Pool) {
    drop(pool);
}

fn main() {}
