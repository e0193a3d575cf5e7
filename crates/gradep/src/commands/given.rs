//! What is given of samples, from the command line.

use super::source::Source;
use crate::{
    cli::GivenArgs,
    failure::{Result, Usage, ensure},
};
use bench_hw::generation::{Start, given_nodes};
use gradep_core::{
    data::{ImageShape, one_hot},
    files::read_given,
};
use ndarray::{Array2, ArrayD, Axis, s};
use serde::Serialize;
use std::path::Path;

/// Samples of a model where nothing is asked for.
const SAMPLES: usize = 64;

/// What is given of some samples.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) count: usize,
    /// Pixels that are held, `[n, pixels]`, NaN where they are free; none: all are.
    pub(super) images: Option<Array2<f32>>,
    /// Class of each sample; empty where label nodes are free.
    pub(super) classes: Vec<u32>,
    amplitude: f64,
    /// Where pixels begin, and the flow time there.
    start: Option<(Array2<f32>, f64)>,
}

/// What a summary says of it.
#[derive(Serialize)]
pub(super) struct GivenSummary {
    /// Share of all pixels that are held.
    held_pixels: f64,
    /// Classes that are asked for, in turn.
    classes: Vec<u32>,
    class_amplitude: Option<f64>,
    start_time: f64,
}

impl Given {
    /// Reads what the arguments name, for a model.
    pub(super) fn read(
        arguments: &GivenArgs,
        source: &Source,
        count: Option<usize>,
    ) -> Result<Self> {
        let model = &source.model;
        let shape = model.image_shape();
        let held = arguments.hold.as_deref().map(|path| {
            let images = images(path, Some("samples"), shape)?;
            match &arguments.mask {
                Some(mask) => masked(path, images, mask, shape),
                None => Ok(images),
            }
        });
        let held = held.transpose()?;
        if let (Some(path), Some(held)) = (&arguments.hold, &held) {
            check_held(path, held)?;
        }
        let start = arguments.start.as_deref().map(|path| {
            let images = images(path, Some("samples"), shape)?;
            check_finite(path, &images)?;
            Ok::<_, crate::failure::Failure>((images, arguments.start_time.unwrap_or_default()))
        });
        let start = start.transpose()?;
        let rows = [held.as_ref(), start.as_ref().map(|(images, _)| images)];
        let most = rows.iter().flatten().map(|images| images.nrows()).max();
        let count = count.or(most).unwrap_or(SAMPLES);
        let classes = classes(&arguments.classes, model.label_nodes(), count)?;
        Ok(Self {
            count,
            images: held.map(|images| in_turn(&images, count)),
            classes,
            amplitude: arguments.class_amplitude,
            start: start.map(|(images, time)| (in_turn(&images, count), time)),
        })
    }

    /// Flow time at which samples begin.
    pub(super) fn from(&self) -> f64 {
        self.start.as_ref().map_or(0.0, |(_, time)| *time)
    }

    /// The flow time that samples pass up to `until`.
    pub(super) fn duration(&self, until: f64) -> Result<f64> {
        let from = self.from();
        let left = until - from;
        if left <= 0.0 {
            return Err(Usage(format!(
                "--start-time {from}: the flow ends at t = {until}; expected less, or a larger --until"
            ))
            .into());
        }
        Ok(left)
    }

    /// Where the visible nodes of the samples begin: noise, but for what is given.
    pub(super) fn begin(&self, source: &Source, mut noise: Array2<f32>) -> Start {
        let model = &source.model;
        if let Some((images, _)) = &self.start {
            noise.slice_mut(s![.., ..model.pixels()]).assign(images);
        }
        let labels = (!self.classes.is_empty())
            .then(|| one_hot(&self.classes, model.label_nodes(), self.amplitude as f32));
        let images = self.images.as_ref().map(|images| images.view());
        let labels = labels.as_ref().map(|labels| labels.view());
        Start::given(noise, given_nodes(model, self.count, images, labels).view())
    }

    /// What a figure shows beside the samples.
    pub(super) fn shown(&self) -> Option<&Array2<f32>> {
        let start = self.start.as_ref().map(|(images, _)| images);
        self.images.as_ref().or(start)
    }

    /// For the heading of a figure.
    pub(super) fn title(&self, source: &str) -> String {
        let mut seen = self.classes.clone();
        seen.sort_unstable();
        seen.dedup();
        match seen.as_slice() {
            [] => source.to_owned(),
            [one] => format!("{source}, class {one}"),
            _ => format!("{source}, classes {:?}", self.classes_in_turn()),
        }
    }

    fn classes_in_turn(&self) -> Vec<u32> {
        let mut seen = Vec::new();
        for class in &self.classes {
            if !seen.contains(class) {
                seen.push(*class);
            }
        }
        seen
    }

    /// None where nothing is given.
    pub(super) fn summary(&self) -> Option<GivenSummary> {
        let nothing = self.images.is_none() && self.classes.is_empty() && self.start.is_none();
        let held = self.images.as_ref();
        let share = held.map_or(0.0, |images| {
            images.iter().filter(|value| !value.is_nan()).count() as f64 / images.len() as f64
        });
        (!nothing).then(|| GivenSummary {
            held_pixels: share,
            classes: self.classes_in_turn(),
            class_amplitude: (!self.classes.is_empty()).then_some(self.amplitude),
            start_time: self.from(),
        })
    }
}

impl GivenSummary {
    /// A line for people.
    pub(super) fn text(&self) -> String {
        let mut parts = Vec::new();
        if self.held_pixels > 0.0 {
            parts.push(format!("{:.0} % of the pixels", 100.0 * self.held_pixels));
        }
        if let Some(amplitude) = self.class_amplitude {
            let classes: Vec<String> = self.classes.iter().map(u32::to_string).collect();
            parts.push(format!(
                "class {} at amplitude {amplitude}",
                classes.join(", ")
            ));
        }
        if self.start_time > 0.0 {
            parts.push(format!("images at t = {}", self.start_time));
        }
        parts.join(", ")
    }
}

/// The class of each sample, in turn.
fn classes(asked: &[u32], label_nodes: usize, count: usize) -> Result<Vec<u32>> {
    let Some(largest) = asked.iter().max() else {
        return Ok(Vec::new());
    };
    ensure!(
        label_nodes > 0,
        Usage(
            "--class: the model has no label nodes; train one with -s data.label_nodes=10, or as many as there are \
             classes"
                .to_owned()
        )
    );
    ensure!(
        (*largest as usize) < label_nodes,
        Usage(format!(
            "--class {largest}: the model has {label_nodes} label nodes; expected 0 to {}",
            label_nodes - 1
        ))
    );
    Ok((0..count)
        .map(|sample| asked[sample % asked.len()])
        .collect())
}

/// Images `[n, pixels]` from an array of that shape, or with the axes of an image, of one image or of several.
pub(super) fn images(path: &Path, name: Option<&str>, shape: ImageShape) -> Result<Array2<f32>> {
    let array = read_given(path, name)?;
    let pixels = shape.pixels();
    let found = array.shape().to_vec();
    let axes = shape.axes();
    let count = match found.as_slice() {
        [count, columns] if *columns == pixels => *count,
        [count, rest @ ..] if rest == axes.as_slice() => *count,
        one if one == axes.as_slice() => 1,
        _ => {
            let axes: Vec<String> = axes.iter().map(usize::to_string).collect();
            let expected = format!("[n, {pixels}] or [n, {}]", axes.join(", "));
            return Err(Usage(format!(
                "{}: has shape {found:?}; expected {expected}, as the model's images",
                path.display()
            ))
            .into());
        }
    };
    Ok(rows(array, count, pixels))
}

/// As [`images`], every value finite.
pub(super) fn numbers(path: &Path, shape: ImageShape) -> Result<Array2<f32>> {
    let images = images(path, Some("samples"), shape)?;
    check_finite(path, &images)?;
    Ok(images)
}

fn rows(array: ArrayD<f32>, count: usize, pixels: usize) -> Array2<f32> {
    let values: Vec<f32> = array.iter().copied().collect();
    Array2::from_shape_vec((count, pixels), values).expect("as many values as the array has")
}

/// The images with NaN where the mask is 0.
fn masked(
    path: &Path,
    mut images: Array2<f32>,
    mask: &Path,
    shape: ImageShape,
) -> Result<Array2<f32>> {
    let flags = self::images(mask, None, shape)?;
    ensure!(
        flags.nrows() == 1 || flags.nrows() == images.nrows(),
        Usage(format!(
            "{}: {} masks for the {} images of {}; expected one, or one for each",
            mask.display(),
            flags.nrows(),
            images.nrows(),
            path.display()
        ))
    );
    check_finite(mask, &flags)?;
    for (number, mut image) in images.rows_mut().into_iter().enumerate() {
        let flags = flags.row(number % flags.nrows());
        for (pixel, (value, flag)) in image.iter_mut().zip(flags).enumerate() {
            let held = *flag != 0.0;
            ensure!(
                !held || !value.is_nan(),
                Usage(format!(
                    "{}: pixel {pixel} of image {number} is NaN, and held by {}",
                    path.display(),
                    mask.display()
                ))
            );
            *value = if held { *value } else { f32::NAN };
        }
    }
    Ok(images)
}

/// Refuses what is held and is no pixel of the data.
fn check_held(path: &Path, images: &Array2<f32>) -> Result<()> {
    let wrong = images.indexed_iter().find(|(_, value)| value.abs() > 1.0);
    if let Some(((image, pixel), value)) = wrong {
        return Err(Usage(format!(
            "{}: pixel {pixel} of image {image} is {value}; expected −1 (blank) to 1 (ink), or NaN for a free pixel",
            path.display()
        ))
        .into());
    }
    ensure!(
        images.iter().any(|value| !value.is_nan()),
        Usage(format!(
            "{}: no pixel is held; expected numbers where images are known",
            path.display()
        ))
    );
    Ok(())
}

fn check_finite(path: &Path, images: &Array2<f32>) -> Result<()> {
    let wrong = images.indexed_iter().find(|(_, value)| !value.is_finite());
    match wrong {
        None => Ok(()),
        Some(((image, pixel), value)) => Err(Usage(format!(
            "{}: pixel {pixel} of image {image} is {value}; expected a finite number",
            path.display()
        ))
        .into()),
    }
}

/// `count` rows, those that there are in turn.
fn in_turn(images: &Array2<f32>, count: usize) -> Array2<f32> {
    let order: Vec<usize> = (0..count).map(|sample| sample % images.nrows()).collect();
    images.select(Axis(0), &order)
}
