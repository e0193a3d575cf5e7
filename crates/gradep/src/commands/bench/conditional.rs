//! What the benches of held nodes share: a model, how it generates, and what it is held against.

use crate::{
    cli::{ConditionalArgs, OnChipArgs},
    commands::{
        domain::{Asked, of_model},
        source::Source,
    },
    failure::{Result, Usage},
};
use analog_substrate::chip::{Design, Die};
use bench_hw::{
    domain::Domain,
    generation::{Condition, Mode, OnChip},
    judge::Evaluator,
};
use gradep_core::{
    config::AskedFlow,
    data::{Dataset, Half},
    run::read_divided_data,
};
use std::sync::Arc;

/// A model and how it generates.
pub(super) struct Subject {
    pub(super) source: Source,
    pub(super) name: String,
    pub(super) condition: Condition,
    pub(super) domain: Arc<dyn Domain>,
    design: Option<Design>,
    chip_seed: u64,
}

impl Subject {
    pub(super) fn read(arguments: &ConditionalArgs) -> Result<Self> {
        let source = Source::read(&arguments.source)?;
        source.warn_of_other_chip(true, false);
        let name = arguments.source.to_string();
        let sampling = source.sampling.asked(&AskedFlow {
            ..arguments.generation.asked()?
        })?;
        let ideal = Condition {
            extra_steps: u64::from(sampling.extra_step),
            ..Condition::new(&sampling, source.relaxation.clone(), vec![sampling.until])
        };
        let (condition, design) = if let Some(reference) = &arguments.on_chip.chip {
            let condition = ideal.on_chip(&arguments.generation.on_chip()?);
            let visible = condition.mode.visible();
            let spec = OnChipArgs::spec_with(reference, &arguments.on_chip.overrides, visible)?;
            (condition, Some(spec.design()))
        } else {
            arguments.generation.without_chip()?;
            (ideal, None)
        };
        let asked = Asked {
            data: None,
            track: None,
            digits: None,
        };
        let domain = of_model(&name, &source, &asked)?;
        Ok(Self {
            source,
            name,
            condition,
            domain,
            design,
            chip_seed: arguments.chip_seed,
        })
    }

    /// The chip, unless it generates at exact equilibria.
    pub(super) fn chip(&self) -> Option<OnChip<'_>> {
        let design = self.design.as_ref();
        design.map(|design| OnChip {
            design,
            die: Die {
                seed: self.chip_seed,
                number: 0,
            },
        })
    }

    /// Where it generates, in words.
    pub(super) fn place(&self) -> String {
        match &self.design {
            Some(design) => format!("{}, {}", design.name, self.condition.mode.name()),
            None => Mode::Ideal.name().to_owned(),
        }
    }

    /// Who tells classes: the domain's own classifier and, of digits, a second one; their names.
    pub(super) fn judges(&self) -> (Vec<&'static str>, Vec<Evaluator>) {
        let Some(judge) = self.domain.judge() else {
            return (Vec::new(), Vec::new());
        };
        if self.domain.id().is_some() {
            return (vec!["accuracy"], vec![judge]);
        }
        (vec!["accuracy", "second"], vec![judge, Evaluator::second()])
    }

    /// The images that it was trained on, and others like them: the halves of the digits; of a model of all digits
    /// those by other writers; of own data what was kept from training.
    pub(super) fn images(&self) -> Result<(Dataset, Dataset)> {
        match self.source.trained_on() {
            Some("digits-half") => Ok((
                Dataset::digits_half(Half::Train),
                Dataset::digits_half(Half::HeldOut),
            )),
            Some("digits") | None => Ok((Dataset::digits(), Dataset::digits_held_out())),
            Some(_) => {
                let Some(run) = &self.source.run else {
                    return Err(Usage(format!(
                        "{}: a model file does not say where its data lie; expected the run that trained it",
                        self.name
                    ))
                    .into());
                };
                let data = read_divided_data(&run.root, &run.config)?;
                let name = data.training.name().to_owned();
                let held_out = data.held_out.ok_or_else(|| {
                    Usage(format!(
                        "{}: no image of {name} was kept from training; train with --held-out 0.2",
                        self.name
                    ))
                })?;
                Ok((data.training, held_out))
            }
        }
    }
}
