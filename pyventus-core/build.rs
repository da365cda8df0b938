//! Nothing is built here. The `links` key of the manifest needs a build script; it makes cargo
//! refuse two versions of this crate in one program, whose registries would not know each other.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
