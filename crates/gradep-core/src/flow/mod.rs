//! Flow matching: how noise and data are paired, and the path between them.

pub mod assignment;
mod path;

pub use path::{PathSample, normal_rows, uniform_times};
