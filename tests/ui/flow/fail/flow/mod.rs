//! A module in a file of its own, for `not_inline.rs`.
