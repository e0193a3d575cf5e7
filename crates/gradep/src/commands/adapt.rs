//! `gradep adapt`.

mod picture;
mod table;

use super::{
    bench::{check_subject, say_interrupted},
    domain::{Asked, of_model},
    long::announce,
    print_json,
    source::Source,
};
use crate::{
    Exit,
    cli::{AdaptArgs, GlobalArgs, warn_of_idle},
    failure::{Context as _, Result, Usage, ensure},
    progress::ShareProgress,
    signals::StopFlag,
};
use analog_substrate::{
    chip::{Design, Die, Integrator, TransientSettings},
    hw_spec::Spec,
};
use bench_hw::{
    adaptation::{
        Adaptation, Adapted, Bench, Course, Learned, Population, Programmed, Trained,
        learn_for_population, learn_on_equilibria,
    },
    domain::Domain,
    generation::{Condition, Mode, OnChip, check_size},
    metrics::Reference,
    results::{
        self, ResultFile as _,
        adaptation::{Adaptations, OfPopulation},
    },
    store::Store,
};
use gradep_core::{
    config::Config,
    files::{ChipMap, Model, make_folder, spec_hash, write_conductances},
    objective::ObjectiveKind,
    run::read_divided_data,
};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::num::NonZeroU64;
use units::budget::check_trials;

/// Flow times of which the best counts, of a field that passes and of one that comes to rest.
const PASSING: [f64; 4] = [1.1, 1.2, 1.3, 1.4];
const RESTING: [f64; 3] = [3.0, 4.0, 5.0];

/// Everything that stays the same from chip to chip.
struct Subject<'a> {
    arguments: &'a AdaptArgs,
    spec: Spec,
    design: Design,
    /// The spec as it is shipped, without devices.
    reference_design: Design,
    source: Source,
    config: Config,
    images: Array2<f32>,
    domain: std::sync::Arc<dyn Domain>,
    condition: Condition,
    course: Course,
    /// Ages at which chips are measured again, in seconds, from the smallest on.
    later: Vec<f64>,
    population: Option<Population>,
}

/// A model that is learned once and measured on each chip: of so many further updates at exact equilibria (control), or for a population.
#[derive(Serialize, Deserialize)]
struct Once {
    losses: [f64; 2],
}

/// Who looks on: stops at a signal, and shows how far it has come.
struct Watch<'a> {
    stop: &'a StopFlag,
    progress: &'a mut ShareProgress,
    /// Parts of the work: a chip each, and one for a population.
    parts: f64,
    /// Parts that are done.
    done: f64,
}

impl Watch<'_> {
    /// Whether to go on, at this share of the present part.
    fn goes_on(&mut self, share: f64, what: &str) -> bool {
        let share = (self.done + share.min(1.0)) / self.parts;
        self.progress.update(share, what);
        !self.stop.is_set()
    }
}

/// Adapts chips, one after another.
pub(super) fn adapt(arguments: &AdaptArgs, global: &GlobalArgs) -> Result<Exit> {
    let subject = Subject::read(arguments)?;
    subject.announce()?;
    let reference = Reference::of(subject.domain.as_ref());
    let bench = subject.bench(&reference);
    let adaptation = subject.adaptation(&bench);
    adaptation.check(&OnChip {
        design: &subject.design,
        die: subject.die(arguments.first),
    })?;
    let store = Store::open(&arguments.out, &subject.plan())?;
    let stop = StopFlag::install()?;
    let mut progress = ShareProgress::start(global.quiet);
    let mut watch = Watch {
        stop: &stop,
        progress: &mut progress,
        parts: arguments.chips.get() as f64 + f64::from(u8::from(subject.population.is_some())),
        done: 0.0,
    };
    let outcome = subject.run(&adaptation, &store, &mut watch);
    progress.finish();
    let document = match outcome {
        Ok(document) => document,
        Err(failure) if stop.is_set() => {
            tracing::debug!("{failure:?}");
            say_interrupted(store.root());
            return Ok(Exit::Interrupted);
        }
        Err(failure) => return Err(failure),
    };
    results::write(&document, store.root())?;
    store.close()?;
    if arguments.json {
        print_json(&document)?;
    } else {
        table::print(&document, store.root())?;
    }
    Ok(Exit::Success)
}

impl<'a> Subject<'a> {
    fn read(arguments: &'a AdaptArgs) -> Result<Self> {
        check_trials("--chips", arguments.chips.get() as f64, "chips")?;
        let last = arguments.first.checked_add(arguments.chips.get() as u64);
        ensure!(
            last.is_some(),
            Usage(format!(
                "--first {}: there are no chips of such numbers; expected a smaller one",
                arguments.first
            ))
        );
        let population = population(arguments)?;
        let source = Source::read(&arguments.run)?;
        source.warn_of_other_chip(true, false);
        let name = arguments.run.to_string();
        let run = source.run.as_ref().with_context(|| {
            format!("{name}: is no run directory; expected the run that trained the model")
        })?;
        let config = run.config.clone();
        let data = read_divided_data(&run.root, &config)?.training;
        let images = data
            .visible_nodes(config.beside_pixels())
            .map_err(|error| Usage(error.to_string()))?;
        let mut spec = Spec::load(&arguments.chip)?;
        let shipped = spec.design();
        spec.override_with(&arguments.overrides)?;
        warn_of_idle(&spec, &arguments.overrides, None);
        let design = spec.design();
        let rests = source.objective() != ObjectiveKind::FlowMatching;
        let times = match (arguments.times.is_empty(), rests) {
            (false, _) => sorted(&arguments.times),
            (true, false) => PASSING.to_vec(),
            (true, true) => RESTING.to_vec(),
        };
        let condition = Condition {
            mode: Mode::Free,
            ratio: arguments.ratio,
            transients: TransientSettings {
                integrator: Integrator::Etd2,
                step: arguments.time_step,
                ..TransientSettings::default()
            },
            ..Condition::new(&source.sampling, source.relaxation.clone(), times)
        };
        let asked = Asked {
            data: None,
            track: None,
            digits: None,
        };
        let domain = of_model(&name, &source, &asked)?;
        check_subject(&name, &source, domain.as_ref(), arguments.count.get())?;
        let learning = &arguments.course;
        let course = Course {
            updates: learning.updates,
            batch: learning.batch.get(),
            learning_rate: learning
                .learning_rate
                .unwrap_or_else(|| Course::rate_of(learning.learn)),
            free: learning.free.time_constants(&design),
            nudged: learning.nudged.time_constants(&design),
            step: arguments.time_step,
            headroom: learning.headroom,
            range: learning.range,
            seed: arguments.seed,
            learn: learning.learn,
        };
        Ok(Self {
            reference_design: Design {
                arrays: None,
                ..shipped
            },
            arguments,
            spec,
            design,
            source,
            config,
            images,
            domain,
            condition,
            course,
            later: sorted(&arguments.later),
            population,
        })
    }

    /// Refuses more samples than fit into the memory, and says how long it takes.
    fn announce(&self) -> Result<()> {
        let (model, samples) = (&self.source.model, self.arguments.count.get());
        check_size(model, &self.condition, samples)?;
        let (course, layers) = (&self.course, model.couplings.layers());
        let refreshes = self.arguments.refresh.unwrap_or_default() as f64 * self.later.len() as f64;
        let updates = course.updates as f64 + refreshes;
        let tau = updates * (course.free + 2.0 * course.nudged);
        let batch = course.batch.min(self.images.nrows());
        announce(
            tau / course.step,
            "integrator steps of each chip",
            batch,
            layers,
        );
        let steps = self.condition.steps(Some(&self.design), model.output_scale);
        announce(steps, "integrator steps of each chip", samples, layers);
        Ok(())
    }

    /// What the folder is the result of.
    fn plan(&self) -> serde_json::Value {
        json!({
            "kind": Adaptations::SCHEMA,
            "chip": self.spec.name(),
            "overrides": self.arguments.overrides,
            "spec_hash": spec_hash(&self.spec),
            "model_blake3": self.source.id,
            "course": self.course,
            "times": self.condition.times,
            "ratio": self.condition.ratio.unwrap_or(self.design.node.visible_ratio),
            "time_step_tau": self.arguments.time_step,
            "later": self.later,
            "refresh": self.arguments.refresh,
            "population": self.arguments.population,
            "n": self.arguments.count,
            "seed": self.arguments.seed,
            "chip_seed": self.arguments.chip_seed,
        })
    }

    /// How chips are measured.
    fn bench<'b>(&'b self, reference: &'b Reference) -> Bench<'b> {
        Bench {
            reference,
            condition: &self.condition,
            samples: self.arguments.count.get(),
            seed: self.arguments.seed,
        }
    }

    fn adaptation<'b>(&'b self, bench: &'b Bench<'b>) -> Adaptation<'b> {
        Adaptation {
            config: &self.config,
            model: &self.source.model,
            images: &self.images,
            course: &self.course,
            bench,
            later: &self.later,
            refresh: self.arguments.refresh,
        }
    }

    fn run(
        &self,
        adaptation: &Adaptation<'_>,
        store: &Store,
        watch: &mut Watch<'_>,
    ) -> Result<Adaptations> {
        let bench = adaptation.bench;
        let (control, control_losses) = once(store, "control", || {
            Ok(learn_on_equilibria(adaptation, |report| {
                watch.goes_on(0.0, &format!("exact equilibria, loss {:.4}", report.loss))
            })?)
        })?;
        let population = match self.population {
            None => None,
            Some(population) => Some(self.learn_for(population, adaptation, store, watch)?),
        };
        let (first, count) = (self.arguments.first, self.arguments.chips.get() as u64);
        let mut chips = Vec::new();
        for number in first..first + count {
            let name = format!("chip_{number}");
            if let Some(done) = store.get::<Adapted>(&name)? {
                chips.push(done);
                watch.done += 1.0;
                continue;
            }
            let chip = OnChip {
                design: &self.design,
                die: self.die(number),
            };
            let (mut adapted, learned) = self.adapt(adaptation, &chip, watch)?;
            let without_errors = OnChip {
                design: &self.reference_design,
                ..chip
            };
            let programmed = |chip, model| Programmed {
                chip,
                model,
                map: None,
            };
            let exact = programmed(&without_errors, &self.source.model);
            let best_exact = bench.best(&exact)?;
            adapted.exact = Some(best_exact);
            adapted.control = Some(bench.best(&programmed(&without_errors, &control))?);
            if let Some((model, _)) = &population {
                adapted.population = Some(bench.best(&programmed(&chip, model))?);
            }
            let before = programmed(&chip, &self.source.model);
            let after = Programmed {
                chip: &chip,
                model: &learned.model,
                map: learned.map.as_ref(),
            };
            let groups = [
                ("as programmed", before, adapted.before),
                ("after it learned", after, adapted.after),
                ("without errors", exact, best_exact),
            ];
            let picture = store.root().join(format!("{name}.png"));
            self.draw(bench, &adapted, &groups, &picture)?;
            self.keep(&learned, number)?;
            store.put(&name, &adapted)?;
            chips.push(adapted);
            watch.done += 1.0;
        }
        Ok(Adaptations {
            schema: Adaptations::SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model: self.source.id.clone(),
            chip: self.spec.name().to_owned(),
            set: self.arguments.overrides.clone(),
            reference: format!("{} as shipped, without devices", self.reference_design.name),
            chip_seed: self.arguments.chip_seed,
            seed: self.arguments.seed,
            metric: bench.reference.decisive().to_owned(),
            against: self.domain.about(),
            n: self.arguments.count.get(),
            course: self.course,
            refresh: self.arguments.refresh,
            control_losses,
            population: population.map(|(_, of)| of),
            chips,
        })
    }

    /// Adapts a chip, with the share that is done of its updates.
    fn adapt(
        &self,
        adaptation: &Adaptation<'_>,
        chip: &OnChip<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<(Adapted, Learned)> {
        let refreshes = self.arguments.refresh.unwrap_or_default() as f64 * self.later.len() as f64;
        let all = self.course.updates as f64 + refreshes;
        let number = chip.die.number;
        let mut epochs = 0.0;
        Ok(adaptation.run(chip, |report| {
            epochs += 1.0;
            let share = epochs * self.updates_per_epoch() / all;
            watch.goes_on(share, &format!("chip {number}, loss {:.4}", report.loss))
        })?)
    }

    fn updates_per_epoch(&self) -> f64 {
        (self.images.nrows() / self.course.batch).max(1) as f64
    }

    /// The model for a population, learned once.
    fn learn_for(
        &self,
        population: Population,
        adaptation: &Adaptation<'_>,
        store: &Store,
        watch: &mut Watch<'_>,
    ) -> Result<(Model<f32>, OfPopulation)> {
        let mut epochs = 0.0;
        let (model, losses) = once(store, "population", || {
            let design = &self.design;
            Ok(learn_for_population(
                adaptation,
                design,
                population,
                |report| {
                    epochs += 1.0;
                    let share = epochs * self.updates_per_epoch() / self.course.updates as f64;
                    watch.goes_on(share, &format!("population, loss {:.4}", report.loss))
                },
            )?)
        })?;
        watch.done += 1.0;
        let of = OfPopulation {
            chips: population.chips.get(),
            first: Population::FIRST,
            losses,
        };
        Ok((model, of))
    }

    fn die(&self, number: u64) -> Die {
        Die {
            seed: self.arguments.chip_seed,
            number,
        }
    }

    /// Writes what a chip has become: the model, and the map of its devices for this model.
    fn keep(&self, learned: &Learned, number: u64) -> Result<()> {
        let root = &self.arguments.out;
        let path = root.join(format!("chip_{number}.safetensors"));
        learned.model.write(&path)?;
        let Some(map) = &learned.map else {
            return Ok(());
        };
        let folder = root.join(format!("chip_{number}"));
        make_folder(&folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
        let id = learned.model.id();
        let chip = ChipMap::of(&self.spec, self.die(number), id, map.clone());
        write_conductances(&folder, &chip)?;
        Ok(())
    }
}

/// The population that is asked for, whose chips are none of those that are measured.
fn population(arguments: &AdaptArgs) -> Result<Option<Population>> {
    let Some(chips) = arguments.population.and_then(NonZeroU64::new) else {
        return Ok(None);
    };
    let behind = arguments.first.saturating_add(arguments.chips.get() as u64);
    ensure!(
        behind <= Population::FIRST,
        Usage(format!(
            "--population learns from chips of numbers from {} on, and --first {} with --chips {} measures some of them; expected smaller ones",
            Population::FIRST,
            arguments.first,
            arguments.chips
        ))
    );
    let seed = arguments.chip_seed;
    Ok(Some(Population { chips, seed }))
}

/// A model that is learned once, under a name in the folder, and its losses.
fn once(
    store: &Store,
    name: &str,
    learn: impl FnOnce() -> Result<Trained>,
) -> Result<(Model<f32>, [f64; 2])> {
    let path = store.root().join(format!("{name}.safetensors"));
    if path.exists()
        && let Some(Once { losses }) = store.get(name)?
    {
        return Ok((Model::read(&path)?, losses));
    }
    let Trained { model, losses, .. } = learn()?;
    model.write(&path)?;
    store.put(name, &Once { losses })?;
    Ok((model, losses))
}

fn sorted(times: &[f64]) -> Vec<f64> {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.dedup();
    times
}
