//! Everything of the story, in one import: learn images, put the model on a chip, draw samples, judge them, vary the chip.
//!
//! ```
//! use gradep::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Small and short, to run in a second; `Training::preset("best").epochs(300)` for digits that can be read.
//! let small = Training::preset("track-h").set("network.layers", "[64, 16, 16]").epochs(1);
//! let run = small.run()?;
//! let chip = Chip::builder("D3").set("device", "pcm").seed(0).program(run.model())?;
//! let flow = run.generate(64).on(&chip).free(20.0).until(1.1).seed(0).run()?;
//! println!("{} and {} per sample", flow.clock().unwrap(), flow.ledger().unwrap());
//!
//! let scores = flow.measure(&Reference::of(&Digits::HELD_OUT))?;
//! println!("Fréchet distance in features: {:.1}", scores.value("fd_features").unwrap());
//! # Ok(())
//! # }
//! ```
//!
//! Builders ([`Training`], [`ChipBuilder`], [`Generation`], [`Sweep`]) have the defaults of the command line and return
//! every error from their last call; the same settings and seeds give the same bits as the command line's.

pub use analog_substrate::{
    Activation, ActivationKind, Cell, ChipBuildError, ChipBuilder, Couplings, Drive, Ideal, Layers,
    Relaxation, SolverKind, Substrate, Visible,
    chip::{
        Chip, ChipError, Clock, Design, Die, Duration, Integrator, Ledger, Network,
        TransientSettings,
    },
    device::Device,
    hw_spec::Spec,
};
pub use bench_hw::{
    domain::{Digits, Domain, OwnImages, Track},
    generation::{Cost, Generate, Generated, Generation, GenerationError, Mode},
    metrics::{Metric, Reference, Score, Scores, measure},
    sweep::{Sweep, SweepError, Swept},
};
pub use gradep_core::{
    Training, TrainingOutcome,
    config::{Config, FlowMethod, ReadOut},
    data::{DataError, Dataset},
    files::Model,
    objective::{
        Decay, Draw, EquilibriumMatching, Examples, FlowMatching, Objective, TimeDensity,
        linear_path,
    },
    run::{Described, RunError, read_model},
    trainer::EpochReport,
};
pub use ndarray::{self, Array1, Array2, Array3, ArrayView2, Axis, s};
