//! Specs as files: what is shipped, what is inherited, what is refused.

mod devices;
mod inherited;
mod malformed;
mod overridden;
mod shipped;
