//! What samples are judged by: the built-in digits, or the user's own images.

use super::source::Source;
use crate::{
    cli::TrackName,
    failure::{Result, Usage},
};
use bench_hw::domain::{Digits, Domain, OwnImages, Track};
use gradep_core::{
    data::{DataConfig, Dataset, Divided, LabelColumn, look},
    run::read_divided_data,
    run_dir::{config_of, is_run},
};
use std::{path::Path, sync::Arc};

/// The images by which the samples of a model are judged: those of `data` (a run or a file) where it is given,
/// else those that the model was trained on. Of digits on track `digits` unless another is asked for.
pub(super) fn of_model(name: &str, source: &Source, asked: &Asked<'_>) -> Result<Arc<dyn Domain>> {
    if let Some(data) = asked.data {
        return of_data(data, asked);
    }
    let of_digits = source.model.is_of_digits() != Some(false);
    match &source.run {
        Some(run) if !of_digits => own(&read_divided_data(&run.root, &run.config)?, asked),
        None if !of_digits => Err(Usage(format!(
            "{name}: a model file does not say where its data lie; expected --data with these images (a file, a \
             folder, or the run that trained it)"
        ))
        .into()),
        _ => Ok(digits(asked, source.trained_on())),
    }
}

/// What is asked for on the command line.
pub(super) struct Asked<'a> {
    /// `--data`: a run, a file or a folder.
    pub(super) data: Option<&'a Path>,
    /// `--track`.
    pub(super) track: Option<TrackName>,
    /// The track of digits where none is asked for; none: that of what the model was trained on.
    pub(super) digits: Option<Track>,
}

/// The images of a run, a file or a folder.
pub(super) fn of_data(data: &Path, asked: &Asked<'_>) -> Result<Arc<dyn Domain>> {
    if is_run(data) {
        let config = config_of(data)?;
        if config.data.is_digits() {
            return Ok(digits(asked, Some(&config.data.source)));
        }
        return own(&read_divided_data(data, &config)?, asked);
    }
    let mut config = DataConfig {
        source: data.display().to_string(),
        low: 0.0,
        high: 1.0,
        label_column: LabelColumn::Auto,
        labels: String::new(),
        shape: Vec::new(),
        label_nodes: 0,
        held_out: 0.0,
    };
    if config.is_digits() {
        return Ok(digits(asked, Some(&config.source)));
    }
    let found = look(&config)?;
    (config.low, config.high) = found.values.range();
    tracing::info!(
        "{}: {} images of {}, {}: {} is -1 and {} is 1",
        config.source,
        found.images,
        found.shape,
        found.values.text(),
        config.low,
        config.high
    );
    own(&Dataset::load_divided(&config)?, asked)
}

/// The built-in digits.
pub(super) fn of_digits(asked: &Asked<'_>) -> Arc<dyn Domain> {
    digits(asked, None)
}

fn digits(asked: &Asked<'_>, trained_on: Option<&str>) -> Arc<dyn Domain> {
    let track = asked.track.map(Track::from).or(asked.digits);
    Arc::new(track.map_or_else(|| Digits::for_source(trained_on), |track| Digits { track }))
}

fn own(data: &Divided, asked: &Asked<'_>) -> Result<Arc<dyn Domain>> {
    let images = match (&data.held_out, asked.track) {
        (Some(held_out), None | Some(TrackName::H)) => {
            OwnImages::held_out(held_out, &data.training)?
        }
        (None, Some(TrackName::H)) => {
            return Err(Usage(format!(
                "--track H: no image of {} was kept from training; train with --held-out 0.2, or expected --track P",
                data.training.name()
            ))
            .into());
        }
        (_, None | Some(TrackName::P)) => OwnImages::all(&data.training)?,
    };
    Ok(Arc::new(images))
}
