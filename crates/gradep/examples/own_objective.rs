//! Trains a network on an objective of one's own: Equilibrium Matching with a decay of its own, whose field comes to rest
//! on the data (after R. Wang & Y. Du, arXiv 2510.02300), where that of flow matching arrives at full speed.
//!
//! ```sh
//! cargo run --release -p gradep --example own_objective
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use gradep::prelude::*;
use std::f32::consts::FRAC_PI_2;

/// On the path of flow matching the target is cos(πt/2)(x_1 − x_0).
#[derive(Debug)]
struct CosineDecay;

impl Objective for CosineDecay {
    fn name(&self) -> &'static str {
        "cosine-decay"
    }

    fn pair(&self, noise: ArrayView2<'_, f32>, data: ArrayView2<'_, f32>, draw: Draw) -> Examples {
        let times = draw.times(noise.nrows());
        let mut target = &data - &noise;
        for (mut row, t) in target.rows_mut().into_iter().zip(&times) {
            row *= (FRAC_PI_2 * t).cos();
        }
        Examples {
            anchor: linear_path(noise, data, &times),
            target,
            times,
        }
    }
}

/// Images near one of two patterns of six pixels.
fn patterns() -> Array2<f32> {
    Array2::from_shape_fn((64, 6), |(image, pixel)| {
        let sign = if image % 2 == 0 { 1.0 } else { -1.0 };
        let level = if pixel < 3 { 0.7 } else { 0.2 };
        sign * level + 0.02 * ((image * 7 + pixel * 5) % 11) as f32 / 11.0
    })
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let training = || {
        Training::preset("paper")
            .set("network.layers", "[6, 16, 8]")
            .set("network.activation", "tanh")
            .set("optimiser.learning_rate", "2e-2")
            .epochs(60)
            .on_images(patterns())
    };
    let resting = training().objective(CosineDecay).run()?;
    let flowing = training().run()?;
    for (name, trained) in [("cosine decay", &resting), ("flow matching", &flowing)] {
        // The velocity at the images themselves: α times the current that the spring draws there.
        let images = patterns();
        let substrate = trained.model().ideal(Relaxation::default())?;
        let drive = Drive {
            anchor: images.view(),
            visible: Visible::Spring {
                stiffness: trained.model().spring_stiffness,
            },
            held: None,
        };
        let current = substrate.current(&substrate.settle(&drive, None)?);
        let speed = current.mapv(|c| c * c).mean().unwrap_or_default().sqrt();
        println!(
            "{name}: loss {:.4}, speed at the images {:.3} per unit of flow time",
            trained.loss().unwrap_or(f64::NAN),
            f64::from(speed) * trained.model().output_scale,
        );
    }
    Ok(())
}
