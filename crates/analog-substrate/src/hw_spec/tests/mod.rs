//! Specs as files: what is shipped, what is inherited, what is refused.

mod devices;
mod idle;
mod inherited;
mod malformed;
mod overridden;
mod shipped;
