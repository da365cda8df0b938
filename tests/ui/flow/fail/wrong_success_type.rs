use pyventus::once;

#[once("order.placed")]
mod flow {
    #[on_event]
    fn handle() -> String {
        String::new()
    }

    #[on_success]
    fn succeeded(n: u32) {
        let _ = n;
    }
}

fn main() {}
