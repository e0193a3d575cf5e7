//! A model, wherever one is asked for.

use super::values::{named, not_negative, positive};
use crate::failure::Result;
use analog_substrate::{ActivationKind, Cell, kernels::Real};
use clap::{
    Args, ValueHint,
    builder::{OsStringValueParser, TypedValueParser},
};
use gradep_core::{
    files::{Model, Stated},
    run::{read_identified_model, read_model_file, read_stated_model},
    run_dir::warn_of_changed_config,
};
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// How help names a value that is a [`RunOrModel`].
pub(super) const RUN_OR_MODEL: &str = "RUN|MODEL";

/// A run directory, which stands for its model (that of its newest checkpoint before there is one), or a
/// model file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOrModel(PathBuf);

impl RunOrModel {
    /// Parses the name of either.
    pub fn parser() -> impl TypedValueParser<Value = Self> {
        OsStringValueParser::new().try_map(|name| {
            if name == "-" {
                return Err(
                    "standard input has no name here; expected a run directory or a model file",
                );
            }
            Ok(Self(PathBuf::from(name)))
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether it is a directory: then it has to be that of a run.
    pub fn is_directory(&self) -> bool {
        self.0.is_dir()
    }

    /// The model in the precision asked for, with what is to be taken differently from what it says.
    ///
    /// # Errors
    /// As [`read_stated_model`].
    pub fn read<R: Real>(&self, stated: &Stated) -> Result<Model<R>> {
        if self.is_directory() {
            warn_of_changed_config(&self.0);
        }
        Ok(read_stated_model(&self.0, stated)?)
    }

    /// Identity of the model.
    ///
    /// # Errors
    /// As [`read_identified_model`] and [`read_model_file`].
    pub fn id(&self) -> Result<String> {
        let id = if self.is_directory() {
            read_identified_model(&self.0)?.2
        } else {
            read_model_file(&self.0)?.1
        };
        Ok(id)
    }
}

impl fmt::Display for RunOrModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

/// A model, and what to take differently from what its file says.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub struct ModelArgs {
    /// A run directory (its model, or its latest checkpoint before there is one) or a model file
    /// (.safetensors with `visible_bias`, `weight_l`, `bias_l`).
    #[arg(long, alias = "run", value_name = RUN_OR_MODEL, value_hint = ValueHint::AnyPath, value_parser = RunOrModel::parser())]
    pub model: RunOrModel,
    /// λ, stiffness of the spring in units of a node's own leak [default: the model's].
    #[arg(long, value_name = "LAMBDA", value_parser = positive)]
    pub spring: Option<f64>,
    /// α: velocity = α × spring current [default: the model's].
    #[arg(long, value_name = "ALPHA", value_parser = positive)]
    pub output_scale: Option<f64>,
    /// Nonlinearity of hidden nodes [default: the model's].
    #[arg(long, value_name = "NAME", value_parser = named::<ActivationKind>())]
    pub activation: Option<ActivationKind>,
    /// Circuit of hidden nodes [default: the model's].
    #[arg(long, value_name = "NAME", value_parser = named::<Cell>())]
    pub cell: Option<Cell>,
    /// Soft clamp c of the activation, 0 for none [default: the model's].
    #[arg(long, value_name = "C", value_parser = not_negative)]
    pub clamp: Option<f64>,
}

impl ModelArgs {
    /// The model with what is to be taken differently.
    ///
    /// # Errors
    /// As [`RunOrModel::read`].
    pub fn read<R: Real>(&self) -> Result<Model<R>> {
        self.model.read(&Stated {
            cell: self.cell,
            activation: self.activation,
            clamp: self.clamp.map(|clamp| (clamp > 0.0).then_some(clamp)),
            spring_stiffness: self.spring,
            output_scale: self.output_scale,
        })
    }
}
