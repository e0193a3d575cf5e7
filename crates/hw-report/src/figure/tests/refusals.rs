//! What is refused, and that nothing is left behind.

use super::*;

/// A folder with one file, where a figure would go.
struct Destination {
    folder: tempfile::TempDir,
    path: PathBuf,
}

const BEFORE: &str = "as it was";

impl Destination {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figure.png");
        fs::write(&path, BEFORE).unwrap();
        Self { folder, path }
    }

    /// The file is as it was, and the folder holds `entries` entries in all.
    fn assert_untouched(&self, entries: usize) {
        assert_eq!(fs::read_to_string(&self.path).unwrap(), BEFORE);
        let found: Vec<_> = fs::read_dir(self.folder.path()).unwrap().collect();
        assert_eq!(found.len(), entries, "{found:?}");
    }
}

fn grid(images: &Array2<f32>, path: &Path) -> Result<(), FigureError> {
    let grid = SampleGrid {
        run: "",
        images: images.view(),
        shape: ImageShape::of_pixels(images.ncols()),
        seed: 0,
        flow_time: 1.0,
        given: None,
    };
    grid.write(path)
}

fn message(result: Result<(), FigureError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn images() {
    let destination = Destination::new();
    let path = &destination.path;
    let mut broken = Array2::<f32>::zeros((4, 9));
    broken[[3, 8]] = f32::NAN;
    let wrong = SampleGrid {
        run: "",
        images: broken.slice(s![..2, ..]),
        shape: ImageShape::of_pixels(16),
        seed: 0,
        flow_time: 1.0,
        given: None,
    };
    assert_eq!(
        message(wrong.write(path)),
        "sample grid: images of 9 pixels, expected 16 of the shape 4x4"
    );
    assert!(matches!(
        grid(&broken, path),
        Err(FigureError::NotFinite { index: 35, .. })
    ));
    for shape in [(0, 9), (9, 0)] {
        let result = grid(&Array2::zeros(shape), path);
        assert!(
            matches!(result, Err(FigureError::Empty { .. })),
            "{shape:?}"
        );
    }
    assert!(matches!(
        grid(&Array2::zeros((300_000, 1)), path),
        Err(FigureError::TooLarge { limit: 16_384, .. })
    ));
    let images = strip_images(2, &[0.0, 1.0]);
    let strip = |flow_times: &[f64]| {
        let strip = TimeStrip {
            run: "",
            images: images.view(),
            shape: ImageShape::of_pixels(64),
            flow_times,
            seed: 0,
        };
        strip.write(path)
    };
    assert_eq!(
        message(strip(&[0.0])),
        "time strip: flow times has 1 values, expected 2"
    );
    assert!(message(strip(&[0.0, f64::INFINITY])).contains("is inf at index 1"));
    destination.assert_untouched(1);
}

#[test]
fn curves() {
    let destination = Destination::new();
    let path = &destination.path;
    let loss = |loss: &[f64]| {
        let history = LossHistory {
            run: "",
            epochs: &[1.0, 2.0],
            loss,
            window: 5,
            by_time: &[],
            references: &[],
        };
        history.write(path)
    };
    assert_eq!(
        message(loss(&[0.3, f64::NAN])),
        "loss curve: loss is NaN at index 1, expected a finite number"
    );
    assert!(message(loss(&[0.3, 0.0])).contains("expected a positive number"));
    assert!(matches!(
        loss(&[0.3]),
        Err(FigureError::Length {
            found: 1,
            expected: 2,
            ..
        })
    ));

    let relaxation = |curves: &[RelaxationCurve]| {
        let trace = RelaxationTrace {
            run: "",
            curves,
            tolerance: None,
        };
        trace.write(path)
    };
    assert!(matches!(relaxation(&[]), Err(FigureError::Empty { .. })));
    let negative = RelaxationCurve {
        label: "block",
        sweeps: &[1.0],
        residual: &[-1e-3],
    };
    assert!(message(relaxation(&[negative])).contains("residual of 'block' is -0.001"));

    let traces = TrainingTraces {
        run: "",
        epochs: &[1.0],
        residual: &[],
        tolerance: None,
        displacement: &[],
        displacement_floor: None,
        sweeps: &[],
    };
    assert!(matches!(traces.write(path), Err(FigureError::Empty { .. })));
    destination.assert_untouched(1);
}

#[test]
fn paths() {
    let destination = Destination::new();
    let good = Array2::<f32>::zeros((4, 9));
    let at = |name: &str| grid(&good, &destination.folder.path().join(name));
    for name in ["figure.jpg", "figure", ".png"] {
        assert!(
            matches!(at(name), Err(FigureError::Extension { .. })),
            "{name}"
        );
    }
    assert!(matches!(
        at("missing/figure.svg"),
        Err(FigureError::Write { .. })
    ));
    // A folder cannot be replaced: the finished drawing has to go.
    for name in ["folder.svg", "folder.png"] {
        fs::create_dir(destination.folder.path().join(name)).unwrap();
        assert!(matches!(at(name), Err(FigureError::Write { .. })), "{name}");
    }
    destination.assert_untouched(3);
}
