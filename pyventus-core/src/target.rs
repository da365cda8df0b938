//! Targets on which nothing would be collected at link time are a compile error, not an empty
//! registry.

// The list is that of `inventory`: on any other target it registers nothing, silently.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "haiku",
    target_os = "illumos",
    target_os = "netbsd",
    target_os = "nto",
    target_os = "openbsd",
    target_os = "redox",
    target_os = "vxworks",
    target_os = "none",
    target_os = "macos",
    target_os = "ios",
    target_family = "wasm",
    windows,
    feature = "manual-registration",
)))]
compile_error!(
    "handlers cannot be collected at link time on this target: turn the feature `manual-registration` on, and \
     register them with `linker.register::<handler>()`"
);
