//! Generated samples at moments of the flow, each with the training image nearest to it.

use super::{
    PageError,
    encode::{self, Picture},
    run::RunData,
};
use analog_substrate::chip::{Chip, TransientSettings};
use bench_hw::{
    generation::{Condition, Cost, Generated, Mode, Way, generate_ideal, generate_on_chip},
    metrics::squares,
    results::{Kept, quality::Quality},
};
use gradep_core::{
    data::Dataset,
    files::{ArrayFileError, Inventory, NpzFile, read_file},
    generate::{clamped, starting_noise},
};
use ndarray::{Array2, Array3, ArrayView2, Axis, Ix3, s};
use serde::Serialize;
use std::collections::BTreeSet;
use units::statistics::median;

/// Samples shown at a time.
const SAMPLES: usize = 64;
/// Moments at which they are shown, one more than this.
const INTERVALS: usize = 20;
/// The flow is followed at least so far: beyond the data, so that it can be seen what happens there.
const UNTIL: f64 = 2.0;
/// Samples beside each other.
const COLUMNS: usize = 8;

/// Sets of samples over the same training images.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Gallery {
    /// Pixels along an edge.
    pub(super) side: usize,
    pub(super) sets: Vec<SampleSet>,
    /// What neighbours are looked for among; none where the data is gone.
    pub(super) training: Option<Training>,
}

/// The training images that are somebody's neighbour.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Training {
    /// Name of the data set.
    pub(super) name: String,
    /// How many images it has.
    pub(super) count: usize,
    /// Grey levels, base64, `[image][pixel]`.
    pixels: String,
    /// Number in the data set.
    numbers: Vec<usize>,
    /// Classes, where they are known.
    labels: Option<Vec<u32>>,
    #[serde(skip)]
    images: Array2<f32>,
}

/// Samples of one model in one way.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SampleSet {
    /// How they were made.
    pub(super) label: String,
    /// How many.
    pub(super) count: usize,
    /// Flow time of each frame.
    pub(super) flow_times: Vec<f64>,
    /// Seconds on a chip, of each frame.
    pub(super) seconds: Option<Vec<f64>>,
    /// The frame that is shown first.
    pub(super) first: usize,
    /// Grey levels, base64, `[frame][sample][pixel]`.
    pixels: String,
    /// Place of the nearest image among those of [`Training`], base64 u32, `[frame][sample]`.
    nearest: Option<String>,
    /// Euclidean distance to it, base64 f32.
    distance: Option<String>,
    /// Medians of the distances, per frame.
    pub(super) median_distance: Option<Vec<f64>>,
    /// The frame shown first: every sample with its neighbour at its right.
    #[serde(skip)]
    pub(super) picture: Option<Picture>,
}

/// Samples as numbers, clamped to [−1, 1].
pub(super) struct Frames {
    pub(super) label: String,
    pub(super) flow_times: Vec<f64>,
    pub(super) seconds: Option<Vec<f64>>,
    /// Flow time to begin with.
    pub(super) shown: f64,
    /// `[frame, sample, pixel]`.
    pub(super) samples: Array3<f32>,
}

impl Frames {
    /// Generates at equilibria, as the run does for its own figures.
    ///
    /// # Errors
    /// [`PageError::Generate`].
    pub(super) fn at_equilibria(run: &RunData) -> Result<Self, PageError> {
        let seed = run.config.seed;
        let generated = generate_ideal(&run.model, &condition(run), noise(run), seed, |_| true)?;
        Ok(Self::new(
            format!("ideal equilibria, seed {seed}"),
            run,
            generated,
        ))
    }

    /// Generates on the chip as it was when it had just been programmed, from the same noise.
    ///
    /// # Errors
    /// [`PageError::Generate`].
    pub(super) fn on_chip(chip: &Chip<f32>, run: &RunData, way: &Way) -> Result<Self, PageError> {
        let design = chip.design();
        let condition = condition(run).on_chip(way);
        let settings = TransientSettings {
            duration: way.settle.time_constants(design),
            ..way.transients
        };
        let chip = chip.afresh(settings, run.config.seed)?;
        let generated = generate_on_chip(&chip, &run.model, &condition, noise(run))?;
        let how = match way.mode {
            Mode::Free => {
                let ratio = way.ratio.unwrap_or(design.node.visible_ratio);
                format!("running free, C_x/C = {ratio}")
            }
            mode => format!("{}, {:.3} tau a velocity", mode.name(), settings.duration),
        };
        let label = format!("chip {} {how}, seed {}", design.name, run.config.seed);
        Ok(Self::new(label, run, generated))
    }

    /// Samples at the moments of the gallery.
    fn new(label: String, run: &RunData, generated: Generated) -> Self {
        Self {
            label,
            seconds: generated.costs.iter().map(Cost::seconds).collect(),
            flow_times: generated.times,
            shown: run.sampling.until,
            samples: clamped_frames(generated.samples),
        }
    }

    /// The pictures that go with results, one set per band; none where the file was not kept.
    ///
    /// # Errors
    /// [`PageError::Read`], [`PageError::Samples`].
    pub(super) fn of_quality(results: &Kept<Quality>) -> Result<Vec<Self>, PageError> {
        let path = results.path.with_file_name(&results.document.samples);
        if !path.is_file() {
            return Ok(Vec::new());
        }
        let bytes = read_file(&path).map_err(ArrayFileError::from)?;
        Inventory::check(&path, &bytes)?;
        let mut file = NpzFile::open(&path, &bytes)?;
        let mut sets = Vec::new();
        for (index, band) in results.document.bands.iter().enumerate() {
            let key = index.to_string();
            if !file.names().contains(&key) {
                continue;
            }
            let samples = file.array::<f32>(&key)?;
            let found = samples.shape().to_vec();
            let samples = samples.into_dimensionality::<Ix3>();
            let samples = samples.unwrap_or_else(|_| Array3::zeros((0, 0, 0)));
            if samples.len_of(Axis(0)) != band.points.len() || samples.is_empty() {
                return Err(PageError::Samples {
                    path,
                    key,
                    found,
                    expected: format!(
                        "[{}, samples, pixels]: a frame per point",
                        band.points.len()
                    ),
                });
            }
            let shown = samples.len_of(Axis(1)).min(SAMPLES);
            let best = band
                .best
                .get(results.document.decisive())
                .map(|best| best.flow_time);
            sets.push(Self {
                label: band.label.clone(),
                flow_times: band.points.iter().map(|point| point.flow_time).collect(),
                seconds: band.points.iter().map(|point| point.seconds).collect(),
                shown: best.unwrap_or(1.0),
                samples: clamped_frames(samples.slice(s![.., ..shown, ..]).to_owned()),
            });
        }
        Ok(sets)
    }
}

impl Gallery {
    /// Looks up neighbours among the images of `data`. None without samples or where images are not
    /// square.
    pub(super) fn of(frames: Vec<Frames>, data: Option<&Dataset>) -> Option<Self> {
        let pixels = frames.first()?.samples.len_of(Axis(2));
        let side = pixels.isqrt();
        if side * side != pixels {
            return None;
        }
        let frames: Vec<Frames> = frames
            .into_iter()
            .filter(|frames| frames.samples.len_of(Axis(2)) == pixels)
            .collect();
        let data = data.filter(|data| data.images().ncols() == pixels);
        let neighbours: Option<Vec<Array2<Neighbour>>> =
            data.map(|data| frames.iter().map(|set| set.neighbours(data)).collect());
        let training = data.zip(neighbours.as_ref()).map(|(data, all)| {
            let found = all.iter().flatten().map(|neighbour| neighbour.number);
            Training::of(data, found)
        });
        let sets = frames.iter().enumerate().map(|(index, set)| {
            let found = training
                .as_ref()
                .zip(neighbours.as_ref().map(|all| &all[index]));
            set.encode(side, found)
        });
        Some(Self {
            side,
            sets: sets.collect(),
            training,
        })
    }
}

/// The image nearest to a sample.
#[derive(Clone, Copy, Debug)]
struct Neighbour {
    number: usize,
    distance: f64,
}

impl Frames {
    /// `[frame, sample]`.
    fn neighbours(&self, data: &Dataset) -> Array2<Neighbour> {
        let images = data.images().mapv(f64::from);
        let (frames, samples, _) = self.samples.dim();
        let mut found = Vec::with_capacity(frames * samples);
        for frame in self.samples.outer_iter() {
            let squares = squares(&frame.mapv(f64::from), &images);
            found.extend(squares.rows().into_iter().map(|row| {
                let nearest = row.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1));
                let (number, square) = nearest.unwrap_or((0, &f64::NAN));
                Neighbour {
                    number,
                    distance: square.sqrt(),
                }
            }));
        }
        Array2::from_shape_vec((frames, samples), found).expect("a neighbour per sample")
    }

    fn encode(&self, side: usize, found: Option<(&Training, &Array2<Neighbour>)>) -> SampleSet {
        let first = nearest_place(&self.flow_times, self.shown);
        let medians = |neighbours: &Array2<Neighbour>| {
            let rows = neighbours.rows().into_iter();
            rows.filter_map(|row| median(row.iter().map(|neighbour| neighbour.distance)))
                .collect()
        };
        let shown = self.samples.index_axis(Axis(0), first);
        SampleSet {
            label: self.label.clone(),
            count: self.samples.len_of(Axis(1)),
            flow_times: self.flow_times.clone(),
            seconds: self.seconds.clone(),
            first,
            pixels: greys(self.samples.iter()),
            nearest: found.map(|(training, neighbours)| {
                encode::integers(neighbours.iter().map(|n| training.place(n.number)))
            }),
            distance: found.map(|(_, all)| encode::floats(all.iter().map(|n| n.distance))),
            median_distance: found.map(|(_, all)| medians(all)),
            picture: Some(picture(
                side,
                shown,
                found.map(|(training, all)| {
                    let places = all.row(first).to_vec();
                    let places: Vec<usize> = places
                        .iter()
                        .map(|n| training.place(n.number) as usize)
                        .collect();
                    training.images.select(Axis(0), &places)
                }),
            )),
        }
    }
}

impl Training {
    fn of(data: &Dataset, found: impl Iterator<Item = usize>) -> Self {
        let places: BTreeSet<usize> = found.collect();
        let numbers: Vec<usize> = places.into_iter().collect();
        let images = data.images().select(Axis(0), &numbers);
        Self {
            name: data.name().to_owned(),
            count: data.images().nrows(),
            pixels: greys(images.iter()),
            labels: data
                .labels()
                .map(|labels| numbers.iter().map(|&number| labels[number]).collect()),
            numbers,
            images,
        }
    }

    /// Where an image lies among those that are kept.
    fn place(&self, number: usize) -> u32 {
        self.numbers.binary_search(&number).unwrap_or(0) as u32
    }
}

/// The flow of a run at its equilibria, at the moments of the gallery.
fn condition(run: &RunData) -> Condition {
    let relaxation = run.config.relaxation.clone();
    Condition::new(&run.sampling, relaxation, moments(run))
}

/// Where every set begins.
fn noise(run: &RunData) -> Array2<f32> {
    let visible = run.model.couplings.layers().visible();
    starting_noise(run.config.seed, SAMPLES, visible)
}

/// Moments of the flow, 0 included.
fn moments(run: &RunData) -> Vec<f64> {
    let until = run.sampling.until.max(UNTIL);
    (0..=INTERVALS)
        .map(|k| until * k as f64 / INTERVALS as f64)
        .collect()
}

fn clamped_frames(mut frames: Array3<f32>) -> Array3<f32> {
    for mut frame in frames.outer_iter_mut() {
        let inside = clamped(frame.view());
        frame.assign(&inside);
    }
    frames
}

/// Where the value nearest to `wanted` lies.
pub(super) fn nearest_place(values: &[f64], wanted: f64) -> usize {
    let distances = values.iter().map(|value| (value - wanted).abs());
    let nearest = distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.map_or(0, |(place, _)| place)
}

fn grey(value: f32) -> u8 {
    #[expect(clippy::cast_sign_loss, reason = "clamped at 0")]
    let level = (127.5 * (value + 1.0)).round().clamp(0.0, 255.0) as u8;
    level
}

fn greys<'a>(values: impl Iterator<Item = &'a f32>) -> String {
    let levels: Vec<u8> = values.map(|value| grey(*value)).collect();
    encode::bytes(&levels)
}

/// Behind the tiles: no grey, so that black and white pixels at an edge both stand out.
const MAT: [u8; 3] = [0xA9, 0xC4, 0xDD];

/// Samples in rows of [`COLUMNS`], each with its neighbour at its right; one pixel between the two,
/// three around them.
fn picture(side: usize, samples: ArrayView2<'_, f32>, neighbours: Option<Array2<f32>>) -> Picture {
    let (pair, gap) = (1 + 2 * side, 3);
    let rows = samples.nrows().div_ceil(COLUMNS);
    let (width, height) = (COLUMNS * (pair + gap) + gap, rows * (side + gap) + gap);
    let mut picture = Picture::filled(width, height, MAT);
    let mut tile = |image: ndarray::ArrayView1<'_, f32>, (left, top): (usize, usize)| {
        for (pixel, &value) in image.iter().enumerate() {
            picture.set((left + pixel % side, top + pixel / side), [grey(value); 3]);
        }
    };
    for (number, sample) in samples.rows().into_iter().enumerate() {
        let (column, row) = (number % COLUMNS, number / COLUMNS);
        let corner = (gap + column * (pair + gap), gap + row * (side + gap));
        tile(sample, corner);
        if let Some(neighbours) = &neighbours {
            tile(neighbours.row(number), (corner.0 + side + 1, corner.1));
        }
    }
    picture
}
