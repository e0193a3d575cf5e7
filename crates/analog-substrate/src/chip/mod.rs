//! The chip: a hardware design made real, relaxing in continuous time.

mod design;
mod instance;

pub use design::{
    ActivationBlock, BOLTZMANN, Converters, Crossbar, Design, Distributed, Environment, Flicker,
    NodeDesign, Overheads, Shape, SpringDesign, Summing,
};
pub use instance::Instance;
