//! Flow matching: which noise is paired with which image.

pub mod assignment;
