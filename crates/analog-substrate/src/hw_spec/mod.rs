//! Hardware specs: TOML files that describe a chip, with a unit in every quantity.
//!
//! ```toml
//! name = "my-chip"
//! inherits = "D3"                 # a shipped spec, or a path relative to this file
//!
//! [node]
//! unit_conductance = "5 uS"       # a bare value keeps what else was inherited
//! capacitance = { value = "50 fF", spread = "1 %", law = "normal", range = ["1 fF", "1 pF"],
//!                 source = "extracted layout", evidence = "derived" }
//!
//! [golden]                        # what must follow from the values; see `Spec::check`
//! time_constant = { value = "10 ns", tolerance = "1 %" }
//! ```
//!
//! A spec is complete or inherits what it lacks: there are no defaults. A quantity without its unit
//! or with another's, an unknown key, a value outside its validity range is an error that names file,
//! line, key, value and what was expected; there is no extrapolation. [`KEYS`] says of every key what
//! it means, how it enters the equations, when it acts, and where its exact zero is.
//!
//! Inheritance is field by field. A new value drops the source and the evidence of the old one; a
//! spread that was given as a share stays that share of the new value.

mod conversion;
mod document;
mod entry;
mod error;
mod golden;
mod ideal;
mod idle;
mod key;
mod keys;
mod load;
mod overrides;
mod reference;
mod resolve;
mod shipped;
mod validate;
mod view;
mod written;

#[cfg(test)]
mod tests;

pub use entry::{Evidence, Setting};
pub use error::{Problem, SpecError, SpreadProblem};
pub use golden::{DERIVED, Derived, GoldenCheck};
pub use idle::{Idle, VisibleNodes};
pub use key::{Key, Kind, Off};
pub use keys::KEYS;
pub use load::Spec;
pub use reference::reference;
pub use shipped::{SHIPPED, Shipped};
pub use units::Origin;
pub use view::{SpecValue, Status};
pub use written::WrittenSpec;
