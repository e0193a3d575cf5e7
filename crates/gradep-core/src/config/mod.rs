//! Everything that a run depends on, as one TOML document.
//!
//! A [`Config`] is complete and typed. [`Request::resolve`] builds it in layers, each laid over
//! the one before: preset, configuration file, `key=value` overrides, explicit flags; and
//! remembers which layer every value came from.

mod build;
mod changes;
mod chip;
mod choices;
mod conditions;
mod contrast;
mod error;
mod field;
mod flow;
mod idle;
mod invalid;
mod keys;
mod layer;
mod on_chip;
mod preset_names;
mod presets;
mod reference;
mod render;
mod resolve;
mod sampling;
mod schema;
mod validate;

pub use changes::Change;
pub(crate) use choices::choice_name;
pub use choices::choices;
pub use error::ConfigError;
pub use invalid::InvalidConfig;
pub use keys::{Expected, KEYS, KeyDoc, Range, key_doc};
pub use layer::Flag;
pub use preset_names::{DEFAULT_PRESET, PRESETS};
pub use reference::{in_presets, reference};
pub(crate) use resolve::BESIDE_PIXELS;
pub use resolve::{DATA_FLAG, Request, Resolved};
pub use sampling::AskedFlow;
pub(crate) use sampling::check_noise;
pub use schema::*;
pub use units::Origin;
pub use validate::check_step;
