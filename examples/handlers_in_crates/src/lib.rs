//! The library of the program's own package, with a handler deep inside that nobody can name.
#![expect(clippy::print_stdout, reason = "an example prints")]

mod warehouse {
    mod shelves {
        use pyventus::on;

        #[on("OrderPlaced")]
        async fn pick() {
            println!("the warehouse picks the goods");
        }
    }
}
