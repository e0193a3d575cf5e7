//! Every command that writes, on networks of a few nodes.

use super::strace::gradep;
use std::{fmt::Write as _, fs, path::Path, sync::OnceLock};

/// A command, and what lies there before it.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    /// Commands that come before, one a line.
    before: &'static str,
    line: &'static str,
}

const TRAIN: &str = "train --out run --epochs 3 -s network.layers=[16,5] -s data.source=\"images.csv\" \
     -s data.low=0 -s data.high=16 -s training.checkpoint_every=1 -s sampling.step=0.2 \
     -s optimiser.warmup_epochs=0";
const LONGER: &str = "train --resume run --epochs 5";
const AGAIN: &str = "train --out run --force --epochs 2 -s network.layers=[16,4] -s data.source=\"images.csv\" \
     -s data.low=0 -s data.high=16 -s training.checkpoint_every=1 -s sampling.step=0.2 \
     -s optimiser.warmup_epochs=0";
const MAP: &str = "export conductances other.safetensors --chip D3-PCM --chips 2 --out map";

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "train",
        before: "",
        line: TRAIN,
    },
    Scenario {
        name: "train --resume, longer",
        before: TRAIN,
        line: LONGER,
    },
    Scenario {
        name: "train --force over an older run",
        before: TRAIN,
        line: AGAIN,
    },
    Scenario {
        name: "sample",
        before: "",
        line: "sample model.safetensors -n 4 --out s.npz --figure s.png --step 0.2",
    },
    Scenario {
        name: "sample over older samples",
        before: "sample model.safetensors -n 5 --out s.npz --figure s.png --step 0.2",
        line: "sample model.safetensors -n 4 --out s.npz --figure s.png --step 0.2",
    },
    Scenario {
        name: "relax",
        before: "",
        line: "relax --model model.safetensors --anchor s0.npz:samples --chip D3 --duration 5tau --out t.npz --figure t.svg",
    },
    Scenario {
        name: "chip measure",
        before: "",
        line: "chip measure pcm --kind drift --devices 5 --out m.csv",
    },
    Scenario {
        name: "chip fit",
        before: "chip measure pcm --kind programming-noise --devices 12 --out m.csv",
        line: "chip fit m.csv --kind programming-noise --from pcm -o mine.toml --figure r.svg",
    },
    Scenario {
        name: "export conductances",
        before: "",
        line: "export conductances model.safetensors --chip D3-PCM --out map",
    },
    Scenario {
        name: "export conductances over another model's",
        before: MAP,
        line: "export conductances model.safetensors --chip D3-PCM --out map",
    },
    Scenario {
        name: "import conductances",
        before: "export conductances model.safetensors --chip D3-PCM --out map",
        line: "import conductances map --chip D3-PCM --out back",
    },
    Scenario {
        name: "export netlist",
        before: "",
        line: "export netlist --model model.safetensors --anchor s0.npz:samples --duration 5tau --out deck.cir",
    },
    Scenario {
        name: "bench sweep",
        before: "",
        line: "bench sweep --run model.safetensors --chip D3 --vary activation.offset.spread=0V,3mV --chips 2 \
               -n 20 --out sweep",
    },
    Scenario {
        name: "bench quality",
        before: "",
        line: "bench quality --run model.safetensors --chip D3 --ratio 2 --times 0.5,1 -n 20 --out quality",
    },
    Scenario {
        name: "report",
        before: "",
        line: "report r0 --out page.html",
    },
];

impl Scenario {
    pub(super) fn command(&self) -> Vec<String> {
        words(self.line)
    }

    pub(super) fn set_up(&self, place: &Path) {
        for line in self.before.lines() {
            do_it(place, line);
        }
    }

    /// The command that a refusal of `line` names, if it names one that was not tried.
    pub(super) fn advice(&self, refusal: &str, line: &[String]) -> Option<Vec<String>> {
        let resumed = line.iter().any(|word| word == "--resume");
        let forced = line.iter().any(|word| word == "--force");
        if refusal.contains("--resume") && !resumed && !forced {
            return Some(words("train --resume run"));
        }
        (refusal.contains("--force") && !forced).then(|| {
            let mut again = self.command();
            again.push("--force".into());
            again
        })
    }
}

fn words(line: &str) -> Vec<String> {
    let words = line.split_whitespace().map(ToOwned::to_owned);
    words
        .chain(["--threads".into(), "1".into(), "--quiet".into()])
        .collect()
}

fn do_it(place: &Path, line: &str) {
    let output = gradep(place, &words(line));
    assert!(output.status.success(), "{line}: {output:?}");
}

/// A folder with images, two models of digits' size, samples and a run.
pub(super) fn fixture() -> &'static Path {
    static FIXTURE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FIXTURE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let mut images = String::new();
        for image in 0..12 {
            for pixel in 0..16 {
                write!(images, "{},", (image * 7 + pixel * 5) % 17).unwrap();
            }
            writeln!(images, "{}", image % 3).unwrap();
        }
        fs::write(place.join("images.csv"), images).unwrap();
        for (run, seed) in [("r0", 0), ("r1", 1)] {
            do_it(
                place,
                &format!(
                    "train --out {run} --seed {seed} --epochs 1 -s network.layers=[64,4] -s sampling.step=0.3 \
                     -s optimiser.warmup_epochs=0"
                ),
            );
        }
        fs::copy(place.join("r0/model.safetensors"), place.join("model.safetensors")).unwrap();
        fs::copy(place.join("r1/model.safetensors"), place.join("other.safetensors")).unwrap();
        fs::remove_dir_all(place.join("r1")).unwrap();
        do_it(place, "sample model.safetensors -n 2 --out s0.npz --step 0.3");
        folder
    });
    folder.path()
}
