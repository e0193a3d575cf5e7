//! Measuring every combination of setting, run, starting noise and chip.

use super::{Curve, Point, QualityError, RunEntry, Setting, parts::Part};
use crate::{
    domain::Domain,
    generation::{Cost, Generated, OnChip, generate},
    metrics::{Reference, Scores, floors, measure},
    results::{ResultFile as _, quality::Quality},
    store::Store,
};
use analog_substrate::{Relaxation, chip::Die};
use gradep_core::{
    config::SamplingConfig,
    files::Model,
    generate::{Reach, starting_noise},
    objective::ObjectiveKind,
};
use ndarray::{Array3, Axis, s};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

/// Samples of a setting that are kept to be shown.
pub const SHOWN_SAMPLES: usize = 64;

/// A model, and how its run samples and relaxes.
#[derive(Clone, Debug)]
pub struct Trained {
    /// Name of the run or of the file.
    pub name: String,
    /// Which model it is: what `b3sum` prints of its file ([`Model::read_identified`]).
    pub id: String,
    /// `data.source` of the run; none of a file, which does not say.
    pub trained_on: Option<String>,
    /// What it learned.
    pub objective: ObjectiveKind,
    /// Seed of the run; none of a file.
    pub seed: Option<u64>,
    /// The model.
    pub model: Model<f32>,
    /// How the run samples.
    pub sampling: SamplingConfig,
    /// How the run relaxes.
    pub relaxation: Relaxation,
}

/// What is measured, and on how many samples.
#[derive(Clone, Debug)]
pub struct Bench<'a> {
    /// Models.
    pub runs: &'a [Trained],
    /// Ways of generating.
    pub settings: &'a [Setting],
    /// Seeds of the starting noise.
    pub sampling_seeds: Vec<u64>,
    /// Seeds of the chips' own deviations.
    pub chip_seeds: Vec<u64>,
    /// Samples per evaluation.
    pub samples: usize,
    /// What they are compared with.
    pub reference: &'a Reference,
    /// The images that they are.
    pub domain: &'a dyn Domain,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Every curve, by setting, run, starting noise and chip.
    pub curves: Vec<Curve>,
    /// The first samples of each setting's first curve, `[times, samples, pixels]`.
    pub samples: Vec<Array3<f32>>,
}

/// One curve to be.
#[derive(Clone, Copy)]
struct Task<'a> {
    setting: &'a Setting,
    run: &'a Trained,
    sampling_seed: u64,
    chip_seed: Option<u64>,
}

impl Bench<'_> {
    /// Hash of everything that the curves depend on.
    pub fn id(&self) -> String {
        let mut hash = blake3::Hasher::new();
        for task in &self.tasks() {
            hash.update(Value::Object(self.key(task)).to_string().as_bytes());
        }
        hash.finalize().to_hex().to_string()
    }

    /// What the folder of this measurement says that it is of.
    pub fn plan(&self) -> Value {
        let models: Vec<&str> = self.runs.iter().map(|run| run.id.as_str()).collect();
        json!({"schema": Quality::SCHEMA, "id": self.id(), "models": models})
    }

    /// How many curves there are.
    pub fn curves(&self) -> usize {
        self.tasks().len()
    }

    /// Measures all curves; those that the store has are read, and those that it has not are kept there.
    /// After each curve `done` is told the share of the work that is done, and the label. No curve is
    /// begun once `stop` says so.
    ///
    /// # Errors
    /// [`QualityError`], [`QualityError::Interrupted`] among them.
    pub fn measure(
        &self,
        store: Option<&Store>,
        stop: impl Fn() -> bool,
        mut done: impl FnMut(f64, &str),
    ) -> Result<Measured, QualityError> {
        let tasks = self.tasks();
        // Found once: points that are measured side by side would each look for them.
        floors(self.reference, self.samples);
        let work = |task: &Task<'_>| task.setting.work(&task.run.sampling);
        let all: f64 = tasks.iter().map(work).sum();
        let mut so_far = 0.0;
        let mut measured = Measured {
            curves: Vec::new(),
            samples: Vec::new(),
        };
        for task in &tasks {
            let key = self.key(task);
            let part = if let Some(part) = store.and_then(|store| Part::read(store, &key)) {
                part
            } else if stop() {
                return Err(QualityError::Interrupted);
            } else {
                let part = self.part(task)?;
                if let Some(store) = store {
                    part.write(store, &key)?;
                }
                part
            };
            let label = &task.setting.label;
            if measured
                .curves
                .last()
                .is_none_or(|last| last.label != *label)
            {
                measured.samples.push(part.samples);
            }
            measured.curves.push(part.curve);
            so_far += work(task);
            done(so_far / all, label);
        }
        Ok(measured)
    }

    fn tasks(&self) -> Vec<Task<'_>> {
        let mut tasks = Vec::new();
        for setting in self.settings {
            let chips: Vec<Option<u64>> = if setting.chip.is_some() {
                self.chip_seeds.iter().copied().map(Some).collect()
            } else {
                vec![None]
            };
            for run in self.runs {
                for &sampling_seed in &self.sampling_seeds {
                    tasks.extend(chips.iter().map(|&chip_seed| Task {
                        setting,
                        run,
                        sampling_seed,
                        chip_seed,
                    }));
                }
            }
        }
        tasks
    }

    /// The setting, and of models with several objectives which one: their curves make no mean.
    fn label(&self, task: &Task<'_>) -> String {
        let (run, setting) = (task.run, task.setting);
        if self
            .runs
            .iter()
            .all(|other| other.objective == run.objective)
        {
            return setting.label.clone();
        }
        format!("{}, {}", setting.label, run.objective)
    }

    /// Everything that a curve depends on.
    fn key(&self, task: &Task<'_>) -> Map<String, Value> {
        let (run, setting) = (task.run, task.setting);
        let entries = [
            ("version", json!(env!("CARGO_PKG_VERSION"))),
            ("track", json!(self.domain.track().name())),
            ("samples", json!(self.samples)),
            ("model", json!(run.id)),
            ("run", json!(run.name)),
            ("label", json!(self.label(task))),
            ("mode", json!(setting.mode)),
            ("times", json!(setting.times())),
            (
                "knobs",
                json!(setting.knobs(&run.sampling, &run.relaxation)),
            ),
            (
                "design",
                json!(setting.chip.as_ref().map(|chip| &chip.design)),
            ),
            ("sampling_seed", json!(task.sampling_seed)),
            ("chip_seed", json!(task.chip_seed)),
        ];
        let own = self.domain.id().map(|id| ("domain", json!(id)));
        let entries = entries.into_iter().chain(own);
        entries
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn part(&self, task: &Task<'_>) -> Result<Part, QualityError> {
        let generated = self.generate(task)?;
        let setting = task.setting;
        let moments: Vec<usize> = (0..generated.times.len()).collect();
        let points = moments.into_par_iter().map(|at| {
            let samples = generated.samples.index_axis(Axis(0), at);
            let flow_time = generated.times[at];
            let scores =
                measure(samples, self.reference).map_err(|cause| QualityError::Metrics {
                    label: setting.label.as_str().into(),
                    run: task.run.name.as_str().into(),
                    flow_time,
                    cause,
                })?;
            let cost = &generated.costs[at];
            Ok(Point::new(flow_time, cost, Reach::of(samples), scores))
        });
        let points = points.collect::<Result<Vec<_>, QualityError>>()?;
        let shown = self.samples.min(SHOWN_SAMPLES);
        let samples = generated.samples.slice(s![.., ..shown, ..]).to_owned();
        let curve = Curve {
            label: self.label(task),
            chip: setting.chip.as_ref().map(|chip| chip.name.clone()),
            mode: setting.mode,
            objective: task.run.objective,
            settings: setting.knobs(&task.run.sampling, &task.run.relaxation),
            run: task.run.name.clone(),
            sampling_seed: task.sampling_seed,
            chip_seed: task.chip_seed,
            points,
        };
        Ok(Part { curve, samples })
    }

    fn generate(&self, task: &Task<'_>) -> Result<Generated, QualityError> {
        let (run, setting) = (task.run, task.setting);
        let condition = setting.condition(&run.sampling, &run.relaxation);
        let pixels = run.model.couplings.layers().visible();
        let noise = starting_noise(task.sampling_seed, self.samples, pixels);
        let chip = setting.chip.as_ref().map(|chip| OnChip {
            design: &chip.design,
            die: Die {
                seed: task.chip_seed.unwrap_or_default(),
                number: 0,
            },
        });
        generate(
            &run.model,
            chip.as_ref(),
            &condition,
            noise,
            task.sampling_seed,
        )
        .map_err(|cause| QualityError::Generation {
            label: setting.label.as_str().into(),
            run: run.name.as_str().into(),
            cause,
        })
    }
}

impl Point {
    fn new(flow_time: f64, cost: &Cost, reach: Reach, scores: Scores) -> Self {
        Self {
            flow_time,
            relaxation_tau: cost.relaxation_tau(),
            seconds: cost.seconds(),
            joules: cost.joules(),
            sweeps_or_steps: cost.iterations,
            mean_evaluations: (cost.evaluations > 0).then_some(cost.mean_evaluations),
            most_evaluations: (cost.evaluations > 0).then_some(cost.evaluations),
            unsettled_share: cost.unsettled_share,
            speed_share: cost.speed_share,
            reach: Some(reach),
            scores,
        }
    }
}

impl From<&Trained> for RunEntry {
    fn from(run: &Trained) -> Self {
        Self {
            name: run.name.clone(),
            seed: run.seed,
            model_blake3: run.id.clone(),
            trained_on: run.trained_on.clone(),
            objective: run.objective,
        }
    }
}
