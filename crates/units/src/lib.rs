//! The ground floor, which knows nothing of what stands on it: quantities with their units, the names and places of
//! settings, statistics of a handful of numbers, files read with limits, text that can be shown, what a
//! piece of work may take.

pub mod bounded;
pub mod budget;
pub mod fault;
mod lines;
mod nearest;
mod origin;
pub mod prefix;
pub mod printable;
mod quantity;
pub mod statistics;
pub mod toml_text;
mod unit;
pub mod words;

pub use lines::Lines;
pub use nearest::nearest;
pub use origin::Origin;
pub use quantity::{Quantity, QuantityError};
pub use unit::Unit;
