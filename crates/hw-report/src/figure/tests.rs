//! Every figure in both formats.

mod chip_transient;
mod grids;
mod quality;
mod refusals;

use super::*;
use gradep_core::data::Dataset;
use gradep_core::data::ImageShape;
use ndarray::{Array2, Array3, Axis, s};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where the figures of these tests go: a folder to look at (`GRADEP_KEEP_FIGURES=folder`), or one
/// that disappears.
struct Folder {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

fn folder() -> Folder {
    if let Some(path) = std::env::var_os("GRADEP_KEEP_FIGURES") {
        return Folder {
            path: path.into(),
            _temporary: None,
        };
    }
    let temporary = tempfile::tempdir().unwrap();
    Folder {
        path: temporary.path().into(),
        _temporary: Some(temporary),
    }
}

/// Draws as `name.svg` and `name.png`; returns the texts of the one and the pixels of the other.
fn draw(
    folder: &Folder,
    name: &str,
    write: impl Fn(&Path) -> Result<(), FigureError>,
) -> (Vec<String>, Picture) {
    let svg = folder.path.join(name).with_extension("svg");
    let png = folder.path.join(name).with_extension("png");
    write(&svg).unwrap();
    write(&png).unwrap();
    let picture = Picture::read(&png);
    let svg = fs::read_to_string(svg).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let root = document.root_element();
    let size = |key| root.attribute(key).unwrap().parse::<usize>().unwrap();
    // Two pixels per point.
    assert_eq!(
        (2 * size("width"), 2 * size("height")),
        (picture.width, picture.height)
    );
    for text in document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
    {
        let at = |key| text.attribute(key).unwrap().parse::<i64>().unwrap();
        assert!((0..picture.width as i64).contains(&at("x")), "{text:?}");
        assert!((0..picture.height as i64).contains(&at("y")), "{text:?}");
    }
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    (
        texts
            .map(|node| node.text().unwrap().trim().to_owned())
            .collect(),
        picture,
    )
}

/// The colour between tiles.
const MAT: [u8; 3] = [0xA9, 0xC4, 0xDD];

struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Picture {
    fn read(path: &Path) -> Self {
        let decoder = png::Decoder::new(fs::File::open(path).unwrap());
        let mut reader = decoder.read_info().unwrap();
        let mut rgb = vec![0; reader.output_buffer_size()];
        let info = reader.next_frame(&mut rgb).unwrap();
        assert_eq!(info.color_type, png::ColorType::Rgb);
        Self {
            width: info.width as usize,
            height: info.height as usize,
            rgb,
        }
    }

    fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let start = 3 * (y * self.width + x);
        [self.rgb[start], self.rgb[start + 1], self.rgb[start + 2]]
    }

    /// Whether a band along each edge is blank: nothing is cut off.
    fn has_blank_margin(&self, width: usize) -> bool {
        let blank = |x, y| self.at(x, y) == [255; 3];
        (0..self.width).all(|x| (0..width).all(|d| blank(x, d) && blank(x, self.height - 1 - d)))
            && (0..self.height)
                .all(|y| (0..width).all(|d| blank(d, y) && blank(self.width - 1 - d, y)))
    }
}

fn contains(texts: &[String], part: &str) -> bool {
    texts.join(" ").contains(part)
}

/// A heading that takes two lines in any figure.
const LONG: &str = "real digits, and a heading that is so long that it has to be broken, in order that none of it \
                    is cut off at the right edge of the picture: runs are called what people like to call them";

/// A stand-in for a training run: reproducible, with an initial drop and a scatter.
fn synthetic_loss(epochs: usize) -> (Vec<f64>, Vec<f64>) {
    let x: Vec<f64> = (1..=epochs).map(|n| n as f64).collect();
    let y = x
        .iter()
        .map(|n| {
            let scatter = 1.0 + 0.03 * (n * 12.9898).sin() * (n * 4.1).cos();
            (0.31 + 2.5 * (-n / 25.0).exp() + 0.4 / (1.0 + n / 60.0)) * scatter
        })
        .collect();
    (x, y)
}

fn synthetic_bins(level: f64) -> Vec<f64> {
    (0..10)
        .map(|bin| level * (0.8 + 0.05 * (f64::from(bin) - 4.0).powi(2)))
        .collect()
}

/// Digits that appear out of noise in a straight line.
fn strip_images(samples: usize, times: &[f64]) -> Array3<f32> {
    let digits = Dataset::digits();
    let digits = digits.images();
    let mut images = Array3::zeros((times.len(), samples, 64));
    for (&time, mut group) in times.iter().zip(images.axis_iter_mut(Axis(0))) {
        let noise = Array2::from_shape_fn((samples, 64), |(i, j)| {
            1.6 * ((i * 64 + j) as f32 * 12.9898).sin()
        });
        let t = time as f32;
        group.assign(&(&noise * (1.0 - t) + &digits.slice(s![..samples, ..]) * t));
    }
    images
}

#[test]
fn loss_curve_says_what_it_shows() {
    let folder = folder();
    let (epochs, loss) = synthetic_loss(2000);
    let by_time: Vec<_> = [(1.0, 2.6), (20.0, 1.2), (200.0, 0.45), (2000.0, 0.33)]
        .map(|(epoch, level)| (epoch, synthetic_bins(level)))
        .into();
    let history = LossHistory {
        run: "preset paper, seed 1",
        epochs: &epochs,
        loss: &loss,
        window: 50,
        by_time: &by_time,
        references: &[Reference {
            label: "paper 0.32",
            value: 0.32,
        }],
    };
    let (texts, picture) = draw(&folder, "loss", |path| history.write(path));
    for part in [
        "preset paper, seed 1",
        "epoch (passes over the data)",
        "mean of (v − u)² (dimensionless)",
        "flow time t",
        "paper 0.32",
        "mean of the last 50",
        "epoch 2000",
        "Mean of the last 50 epochs, up to epoch 2000: 0.32",
    ] {
        assert!(contains(&texts, part), "{part} in {texts:?}");
    }
    assert!(picture.has_blank_margin(8));
}

#[test]
fn short_runs_are_drawn_too() {
    let folder = folder();
    for epochs in [1, 3] {
        let (epochs, loss) = synthetic_loss(epochs);
        let by_time = [(1.0, vec![0.4])];
        let history = LossHistory {
            run: LONG,
            epochs: &epochs,
            loss: &loss,
            window: 50,
            by_time: &by_time,
            references: &[],
        };
        let name = format!("loss-{}", epochs.len());
        let (texts, picture) = draw(&folder, &name, |path| history.write(path));
        assert!(contains(&texts, "Loss at epoch"));
        assert!(!contains(&texts, "mean of the last"));
        assert!(picture.has_blank_margin(8));
    }
}

#[test]
fn training_traces_stack_their_panels() {
    let folder = folder();
    let (epochs, loss) = synthetic_loss(400);
    let scaled = |factor: f64| loss.iter().map(|l| l * factor).collect::<Vec<_>>();
    let (median, mut largest) = (scaled(1e-7), scaled(3e-6));
    largest[100] = 4e-3;
    let displacement = scaled(2e-2);
    let (free, nudged) = (scaled(6.0), scaled(2.5));
    let traces = TrainingTraces {
        run: "preset best, seed 3",
        epochs: &epochs,
        residual: &[
            Series {
                label: "median sample",
                values: &median,
            },
            Series {
                label: "worst sample",
                values: &largest,
            },
        ],
        tolerance: Some(1e-6),
        displacement: &[Series {
            label: "median sample",
            values: &displacement,
        }],
        displacement_floor: Some(2e-7),
        sweeps: &[
            Series {
                label: "free phase",
                values: &free,
            },
            Series {
                label: "nudged phases",
                values: &nudged,
            },
        ],
    };
    let (texts, picture) = draw(&folder, "traces", |path| traces.write(path));
    for part in [
        "worst sample",
        "tolerance",
        "rounding floor",
        "sweeps per phase (count)",
        "10⁻⁶",
    ] {
        assert!(contains(&texts, part), "{part} in {texts:?}");
    }
    assert!(picture.has_blank_margin(8));
}

#[test]
fn relaxation_trace_shows_unequal_solvers() {
    let folder = folder();
    let curve = |sweeps: usize, rate: f64| -> (Vec<f64>, Vec<f64>) {
        let x: Vec<f64> = (1..=sweeps).map(|n| n as f64).collect();
        let y = x.iter().map(|n| 3.0 * (-rate * n).exp()).collect();
        (x, y)
    };
    let solvers = [curve(600, 0.025), curve(70, 0.22), curve(16, 0.95)];
    let curves: Vec<_> = ["explicit (ε = 0.1)", "block", "Anderson"]
        .iter()
        .zip(&solvers)
        .map(|(label, (sweeps, residual))| RelaxationCurve {
            label,
            sweeps,
            residual,
        })
        .collect();
    let trace = RelaxationTrace {
        run: "digits, 64-128-128, worst of 1,797 samples",
        curves: &curves,
        tolerance: Some(1e-6),
    };
    let (texts, picture) = draw(&folder, "relaxation", |path| trace.write(path));
    for part in [
        "Anderson",
        "relaxation sweeps (count)",
        "largest |∂S/∂s| (dimensionless)",
    ] {
        assert!(contains(&texts, part), "{part} in {texts:?}");
    }
    assert!(picture.has_blank_margin(8));
}

#[test]
fn figures_are_replaced_and_reproducible() {
    let folder = tempfile::tempdir().unwrap();
    let images = Array2::from_shape_fn((9, 784), |(i, j)| ((i * j) as f32).sin());
    let grid = SampleGrid {
        run: "a < b & c",
        images: images.view(),
        shape: ImageShape::of_pixels(images.ncols()),
        seed: 0,
        flow_time: 1.0,
        given: None,
    };
    for name in ["grid.svg", "grid.PNG"] {
        let path = folder.path().join(name);
        grid.write(&path).unwrap();
        let first = fs::read(&path).unwrap();
        grid.write(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), first, "{name}");
    }
    let svg = fs::read_to_string(folder.path().join("grid.svg")).unwrap();
    assert!(roxmltree::Document::parse(&svg).is_ok());
}
