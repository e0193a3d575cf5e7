//! A sweep in a few words: a model, a chip, what is varied.

use super::{Axis, Exam, Grid, Lab, ModelTrial, Rule, SweepError, Swept, Variant};
use crate::{
    domain::{Digits, Domain},
    generation::{Condition, Generation, GenerationError, Mode},
    metrics::{FEWEST, MetricsError, Reference, check_size},
    store::{Store, StoreError},
};
use analog_substrate::hw_spec::Spec;
use gradep_core::{config::ReadOut, files::spec_hash};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use units::budget::check_trials;

/// A sweep in the making: chips of a design with one or two of its values varied, held against chips whose imperfections
/// are all exactly off. Everything that is not said is as the command line has it.
///
/// ```
/// use analog_substrate::{Activation, Cell, Couplings, Layers, chip::TransientSettings};
/// use bench_hw::{generation::Generate as _, sweep::Sweep};
/// use gradep_core::files::Model;
///
/// // Untrained, of the size of the digits.
/// let model = Model {
///     couplings: Couplings::<f32>::zeros(Layers::new(vec![64, 4])?),
///     activation: Activation::PAPER,
///     cell: Cell::Gradient,
///     spring_stiffness: 15.0,
///     output_scale: 2.0,
///     trained_on: None,
/// };
/// let coarse = TransientSettings { step: 0.5, ..TransientSettings::default() };
/// let swept = Sweep::of(model.generate(20).free(2.0).until(0.5).transients(coarse), "D3")
///     .vary("node.leak.spread", &["0 %", "10 %"])
///     .chips(1)
///     .run()?;
/// assert_eq!(swept.cells.len(), 2);
/// assert_eq!(swept.cells[1].values, ["10 %"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Sweep<'a> {
    generation: Generation<'a>,
    chip: String,
    overrides: Vec<String>,
    only: Vec<String>,
    vary: Vec<String>,
    chips: u64,
    within: f64,
    domain: Option<Box<dyn Domain + 'a>>,
    folder: Option<PathBuf>,
}

impl<'a> Sweep<'a> {
    /// How many chips of each cell, unless told otherwise.
    pub const CHIPS: u64 = 10;
    /// Largest excess of the deciding metric over the ideal chip, unless told otherwise: 10 %.
    pub const WITHIN: f64 = 0.1;

    /// Chips of a design, a spec that comes with the crate or a spec file, that draw samples as a generation says. Its
    /// model is what they are programmed with, its seed that of chips, noise and anchors; a chip of its own is not used.
    pub fn of(generation: Generation<'a>, chip: &str) -> Self {
        Self {
            generation,
            chip: chip.to_owned(),
            overrides: Vec::new(),
            only: Vec::new(),
            vary: Vec::new(),
            chips: Self::CHIPS,
            within: Self::WITHIN,
            domain: None,
            folder: None,
        }
    }

    /// Sets a value of the spec as `--set KEY=VALUE` does.
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.overrides.push(format!("{key}={value}"));
        self
    }

    /// Switches every imperfection off but this one, and those that were named before: a key, or what follows its section.
    pub fn only(mut self, name: &str) -> Self {
        self.only.push(name.to_owned());
        self
    }

    /// Varies a key of the spec; once more for every combination with a second key.
    pub fn vary(mut self, key: &str, values: &[&str]) -> Self {
        self.vary.push(format!("{key}={}", values.join(",")));
        self
    }

    /// How many chips of each cell. Default [`Self::CHIPS`].
    pub fn chips(mut self, chips: u64) -> Self {
        self.chips = chips;
        self
    }

    /// Largest excess of the deciding metric over the ideal chip with which a chip is good enough, as a share. Default
    /// [`Self::WITHIN`].
    pub fn within(mut self, share: f64) -> Self {
        self.within = share;
        self
    }

    /// What samples are compared with. Default: the digits, the half that the model was not trained on if there is one.
    pub fn judged_by(mut self, domain: impl Domain + 'a) -> Self {
        self.domain = Some(Box::new(domain));
        self
    }

    /// Keeps every chip's result in this folder, as soon as it is there: the same sweep goes on from it. Default: in a
    /// folder that is gone at the end.
    pub fn folder(mut self, path: impl AsRef<Path>) -> Self {
        self.folder = Some(path.as_ref().to_owned());
        self
    }

    /// Tries the chips.
    ///
    /// # Errors
    /// [`SweepError`].
    pub fn run(self) -> Result<Swept, SweepError> {
        check_trials("chips", self.chips as f64, "chips").map_err(MetricsError::from)?;
        let model = self.generation.model();
        let samples = self.generation.count();
        let spec = self.spec()?;
        let axes = self.vary.iter().map(|text| Axis::parse(text, &spec));
        let axes = axes.collect::<Result<Vec<_>, _>>()?;
        if !(1..=2).contains(&axes.len()) {
            return Err(SweepError::Axes { found: axes.len() });
        }
        let condition = self.generation.condition_with(Mode::Free)?;
        if condition.mode == Mode::Ideal {
            return Err(GenerationError::ChipWithoutUse.into());
        }
        let digits = || {
            let source = model.trained_on.as_ref().map(|data| data.source.as_str());
            Box::new(Digits::for_source(source)) as Box<dyn Domain + 'a>
        };
        let plan = self.plan(&spec, &axes, &condition);
        let domain = self.domain.unwrap_or_else(digits);
        if samples < FEWEST {
            return Err(MetricsError::TooFew { found: samples }.into());
        }
        check_size(samples)?;
        let grid = Grid::new(&spec, axes)?;
        let reference = Reference::of(domain.as_ref());
        let metric = reference.decisive();
        let trial = ModelTrial::new(Exam {
            model,
            read_out: match condition.mode {
                Mode::Ideal | Mode::Stepped => ReadOut::Spring,
                Mode::Clamped | Mode::Free => ReadOut::Clamped,
            },
            condition,
            domain: domain.as_ref(),
            reference,
            samples,
            seed: self.generation.seed_of_noise(),
            ideal: Variant::ideal(&spec)?.design,
        })?;
        let temporary = tempfile::tempdir().map_err(|reason| StoreError::File {
            path: std::env::temp_dir(),
            reason,
        })?;
        let folder = self.folder.as_deref().unwrap_or(temporary.path());
        let lab = Lab {
            trial: &trial,
            store: &Store::open(folder, &with_domain(plan, domain.as_ref()))?,
            stop: &|| false,
            done: &|| {},
        };
        grid.run(
            &lab,
            self.chips,
            Rule {
                metric,
                within: self.within,
            },
        )
    }

    fn spec(&self) -> Result<Spec, SweepError> {
        let mut spec = Spec::load(&self.chip)?;
        spec.override_with(&self.overrides)?;
        if !self.only.is_empty() {
            let names: Vec<&str> = self.only.iter().map(String::as_str).collect();
            spec.only(&names)?;
        }
        Ok(spec)
    }

    /// Everything that outcomes depend on beside the domain.
    fn plan(&self, spec: &Spec, axes: &[Axis], condition: &Condition) -> Value {
        json!({
            "kind": "sweep of a program",
            "chip": spec.name(),
            "asked": axes,
            "spec_hash": spec_hash(spec),
            "model_blake3": self.generation.model().id(),
            "n": self.generation.count(),
            "seed": self.generation.seed_of_noise(),
            "condition": format!("{condition:?}"),
        })
    }
}

fn with_domain(mut plan: Value, domain: &dyn Domain) -> Value {
    plan["domain"] = json!([domain.name(), domain.track().name(), domain.id()]);
    plan
}
