//! Samples of which something is given: images with missing pixels that are filled in, classes that are asked for.
//!
//! What fills in is judged by draws, several for each image, beside what needs no network: the mean of the training
//! images, a normal distribution that is conditioned on what is known, and the nearest training images.

mod classes;
mod fill;
mod mask;
mod normal;
mod score;
#[cfg(test)]
mod tests;

pub use classes::{ClassSampling, ClassScores, ClassesError};
pub use fill::{Inpainting, nearest_fills, normal_fills};
pub use mask::Mask;
pub use normal::ConditionalNormal;
pub use score::{Fill, FillScore, energy_score};
