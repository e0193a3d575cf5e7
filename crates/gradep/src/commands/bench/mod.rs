//! `gradep bench …`.

mod baselines;
mod classes;
mod conditional;
mod evaluator;
mod inpaint;
mod outliers;
mod quality;
mod study;
mod subject;

pub(super) use baselines::baselines;
pub(super) use classes::classes;
pub(super) use evaluator::evaluator;
pub(super) use inpaint::inpaint;
pub(super) use outliers::outliers;
pub(super) use quality::quality;
pub(super) use study::{sensitivity, sweep, tolerance};
pub(super) use subject::check as check_subject;

use crate::console;
use std::path::Path;

/// A signal came: what was finished is on the disk.
pub(super) fn say_interrupted(folder: &Path) {
    console::note(&format!(
        "interrupted; what was finished is in {}; the same command goes on from there",
        folder.display()
    ));
}
