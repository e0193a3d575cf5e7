//! What all studies do: read the model, try the chips, keep the results.

use super::super::{say_interrupted, subject};
use crate::{
    cli::{GlobalArgs, StudyArgs, warn_of_idle},
    commands::{
        domain::{Asked, of_model},
        long::announce,
        source::Source,
    },
    failure::{Result, Usage, ensure},
    progress::ShareProgress,
    signals::StopFlag,
};
use analog_substrate::hw_spec::Spec;
use bench_hw::{
    domain::Domain,
    generation::{Condition, Mode},
    metrics::{Reference, floors},
    store::Store,
    sweep::{
        ANCHOR_SETTLE, ANCHORS, Cell, Exam, Lab, ModelTrial, Question, Rule, Study as Document,
        SweepError, SweepKind, Variant, present, trials,
    },
};
use gradep_core::{config::ReadOut, files::spec_hash};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use units::budget::check_trials;

/// Where studies go unless told otherwise.
const FOLDER: &str = "bench";

/// A study that is ready to run.
pub(super) struct Study<'a> {
    pub(super) arguments: &'a StudyArgs,
    /// The chip with what the command line sets.
    pub(super) spec: Spec,
    source: Source,
    condition: Condition,
    read_out: ReadOut,
    domain: Arc<dyn Domain>,
    reference: Reference,
    kind: SweepKind,
}

/// A study that was carried out to its end.
pub(super) struct Finished<T> {
    /// Where it is.
    pub(super) store: Store,
    /// What was found.
    pub(super) found: T,
    /// The chips without imperfections.
    pub(super) ideal: Cell,
}

/// Chips that are tried.
struct Trials {
    /// Those that an earlier process tried.
    done: u64,
    /// All.
    total: u64,
}

impl<'a> Study<'a> {
    pub(super) fn read(arguments: &'a StudyArgs, kind: SweepKind) -> Result<Self> {
        check_trials("--chips", arguments.chips.get() as f64, "chips")?;
        let mut spec = Spec::load(&arguments.chip)?;
        spec.override_with(&arguments.overrides)?;
        if !arguments.only.is_empty() {
            let names: Vec<&str> = arguments.only.iter().map(String::as_str).collect();
            spec.only(&names)?;
        }
        let source = Source::read(&arguments.run)?;
        source.warn_of_other_chip(true, false);
        let sampling = source.sampling.asked(&arguments.generation.asked()?)?;
        let relaxation = source.relaxation.clone();
        let base = Condition::new(&sampling, relaxation, vec![sampling.until]);
        let condition = base.on_chip(&arguments.generation.on_chip()?);
        condition.check()?;
        ensure!(
            condition.noise.is_none(),
            Usage(
                "--noise-gain: a study compares with a chip without imperfections, which has no thermal noise to amplify; \
                 expected `gradep bench quality`"
                    .to_owned()
            )
        );
        warn_of_idle(&spec, &arguments.overrides, condition.mode.visible());
        let name = arguments.run.to_string();
        let asked = Asked {
            data: arguments.data.as_deref(),
            track: arguments.track,
            digits: None,
        };
        let domain = of_model(&name, &source, &asked)?;
        subject::check(&name, &source, domain.as_ref(), arguments.count.get())?;
        let read_out = arguments.read_out.unwrap_or(match condition.mode {
            Mode::Ideal | Mode::Stepped => ReadOut::Spring,
            Mode::Clamped | Mode::Free => ReadOut::Clamped,
        });
        Ok(Self {
            reference: Reference::of(domain.as_ref()),
            arguments,
            spec,
            source,
            condition,
            read_out,
            domain,
            kind,
        })
    }

    /// Runs a study of known variants; none if a signal came: what was finished is on the disk.
    pub(super) fn run<T>(
        &self,
        asked: &Value,
        what: &str,
        variants: &[Variant],
        global: &GlobalArgs,
        study: impl FnOnce(&Lab<'_>, u64, Rule) -> Result<(T, Cell), SweepError>,
    ) -> Result<Option<Finished<T>>> {
        let trial = self.trial()?;
        let store = self.open(asked)?;
        let chips = self.arguments.chips.get() as u64;
        let total = trials(variants, chips);
        let done = present(&store, variants, chips);
        self.announce(
            &store,
            what,
            &format!("{total} chips with the ideal ones, {done} of them there"),
        );
        self.carry_out(&trial, store, Trials { done, total }, global, study)
    }

    /// Runs a study whose variants depend on what it finds; none if a signal came.
    pub(super) fn run_at_most<T>(
        &self,
        asked: &Value,
        what: &str,
        trials_of_a_chip: u64,
        global: &GlobalArgs,
        study: impl FnOnce(&Lab<'_>, u64, Rule) -> Result<(T, Cell), SweepError>,
    ) -> Result<Option<Finished<T>>> {
        let trial = self.trial()?;
        let store = self.open(asked)?;
        let total = trials_of_a_chip * self.arguments.chips.get() as u64;
        self.announce(
            &store,
            what,
            &format!("at most {total} trials with the ideal ones"),
        );
        self.carry_out(&trial, store, Trials { done: 0, total }, global, study)
    }

    fn announce(&self, store: &Store, what: &str, total: &str) {
        let (design, model) = (self.spec.design(), &self.source.model);
        let steps = self.condition.steps(Some(&design), model.output_scale);
        let (samples, layers) = (self.arguments.count.get(), model.couplings.layers());
        announce(steps, "integrator steps of each chip", samples, layers);
        tracing::info!(
            "{what}, {} chips, {} samples each: {total}; into {}",
            self.arguments.chips,
            self.arguments.count,
            store.root().display()
        );
    }

    /// What is done with a chip: a model that does not run on it is refused here, before anything is
    /// announced or written.
    fn trial(&self) -> Result<ModelTrial<'_>> {
        let arguments = self.arguments;
        Ok(ModelTrial::new(Exam {
            model: &self.source.model,
            condition: self.condition.clone(),
            domain: self.domain.as_ref(),
            reference: self.reference.clone(),
            samples: arguments.count.get(),
            seed: arguments.seed,
            ideal: Variant::ideal(&self.spec)?.design,
            read_out: self.read_out,
        })?)
    }

    fn carry_out<T>(
        &self,
        trial: &ModelTrial<'_>,
        store: Store,
        trials: Trials,
        global: &GlobalArgs,
        study: impl FnOnce(&Lab<'_>, u64, Rule) -> Result<(T, Cell), SweepError>,
    ) -> Result<Option<Finished<T>>> {
        let stop = StopFlag::install()?;
        let arguments = self.arguments;
        let Trials { done, total } = trials;
        let progress = Mutex::new((0, ShareProgress::start(global.quiet)));
        let tick = || {
            let mut state = progress.lock().unwrap_or_else(PoisonError::into_inner);
            state.0 += 1;
            let share = state.0 as f64 / total.saturating_sub(done).max(1) as f64;
            let label = format!("{} of {total} chips", done + state.0);
            state.1.update(share, &label);
        };
        let lab = Lab {
            trial,
            store: &store,
            stop: &|| stop.is_set(),
            done: &tick,
        };
        let outcome = study(&lab, arguments.chips.get() as u64, self.rule());
        let (_, progress) = progress
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        progress.finish();
        match outcome {
            Ok((found, ideal)) => Ok(Some(Finished {
                store,
                found,
                ideal,
            })),
            Err(SweepError::Interrupted) => {
                say_interrupted(store.root());
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn rule(&self) -> Rule {
        Rule {
            metric: self.reference.decisive(),
            within: self.arguments.within,
        }
    }

    /// The folder of the study, which says what it is a study of.
    fn open(&self, asked: &Value) -> Result<Store> {
        let plan = json!({
            "kind": self.kind,
            "chip": self.spec.name(),
            "asked": asked,
            "mode": self.condition.mode,
            "flow_time": self.flow_time(),
            "n": self.arguments.count,
            "track": self.domain.track().name(),
            "settings": self.settings(),
        });
        let mut plan = plan;
        if let Some(id) = self.domain.id() {
            plan["domain"] = json!(id);
        }
        let id = blake3::hash(plan.to_string().as_bytes()).to_hex();
        let root = self.arguments.out.clone().unwrap_or_else(|| {
            let kind = plan["kind"].as_str().unwrap_or_default();
            PathBuf::from(FOLDER).join(format!("{kind}-{}", &id[..8]))
        });
        let parent = root
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        if self.arguments.out.is_some()
            && let Some(parent) = parent
        {
            ensure!(
                parent.is_dir(),
                Usage(format!(
                    "--out {}: {} is not a folder",
                    root.display(),
                    parent.display()
                ))
            );
        }
        Ok(Store::open(&root, &plan)?)
    }

    fn flow_time(&self) -> f64 {
        self.condition.times[0]
    }

    /// Everything that outcomes depend on beside chip, mode, time, number and track.
    fn settings(&self) -> Value {
        let (arguments, condition) = (self.arguments, &self.condition);
        let design = self.spec.design();
        let mut settings = json!({
            "seed": arguments.seed,
            "within": arguments.within,
            "overrides": arguments.overrides,
            "only": arguments.only,
            "spec_hash": spec_hash(&self.spec),
            "model_blake3": self.source.id,
            "time_step_tau": condition.transients.step,
            "integrator": condition.transients.integrator,
            "read_out": self.read_out,
            "anchors": ANCHORS,
            "anchor_settle_tau": ANCHOR_SETTLE,
        });
        let more = if condition.mode == Mode::Free {
            json!({
                "ratio": condition.ratio.unwrap_or(design.node.visible_ratio),
                "presettle_tau": condition.presettle.time_constants(&design),
            })
        } else {
            json!({
                "settle_tau": condition.settle.time_constants(&design),
                "warm": condition.warm,
                "step": condition.step,
                "method": condition.method,
            })
        };
        if condition.mode != Mode::Free && condition.stop_below > 0.0 {
            settings["stop_below"] = json!(condition.stop_below);
        }
        if !condition.annealing.is_none() {
            settings["temperature"] = json!(condition.annealing.temperature);
            settings["cool_until"] = json!(condition.annealing.cool_until);
        }
        let transients = &condition.transients;
        if let Some(limit) = transients.settled_below {
            settings["settled_below"] = json!(limit);
        }
        if transients.stop_when_settled {
            settings["stop_when_settled"] = json!(true);
        }
        if let (Value::Object(settings), Value::Object(more)) = (&mut settings, more) {
            settings.extend(more);
        }
        settings
    }

    /// The document of what was asked, without the answer.
    pub(super) fn document(&self, ideal: Cell) -> Document {
        let question = Question {
            command: command(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            kind: self.kind,
            track: self.domain.track().name().to_owned(),
            domain: self.domain.id().map(|_| self.domain.about()),
            decisive: self.reference.decisive().to_owned(),
            n: self.arguments.count.get(),
            flow_time: self.flow_time(),
            run: self.arguments.run.to_string(),
            model_blake3: self.source.id.clone(),
            trained_on: self.source.trained_on().map(str::to_owned),
            chip: self.spec.name().to_owned(),
            mode: self.condition.mode.name().to_owned(),
            settings: self.settings(),
        };
        let floors = floors(&self.reference, question.n);
        Document::new(question, ideal, &floors)
    }
}

/// What was typed, without what changes no number: threads, verbosity, the output's place and form.
fn command() -> Vec<String> {
    let mut words = Vec::new();
    let mut arguments = gradep_core::run_dir::command_line().into_iter().skip(1);
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "--threads" | "--out" | "-o" => {
                arguments.next();
            }
            "-q" | "--quiet" | "-v" | "-vv" | "--verbose" | "--json" => {}
            _ if word.starts_with("--threads=") || word.starts_with("--out=") => {}
            _ => words.push(word),
        }
    }
    words.insert(0, "gradep".to_owned());
    words
}
