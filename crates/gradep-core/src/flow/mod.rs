//! Flow matching: how noise and data are paired, and the path between them.

pub mod assignment;
mod batch;
mod path;

pub use batch::BatchSource;
pub use path::{PathSample, normal_rows, uniform_times};
