//! Current-voltage sweeps through the noise floor of an instrument.

use super::{Base, Fit, FitError, Kind, Options, fit, of_order, table};
use analog_substrate::random::{Purpose, stream};
use rand::RngExt as _;
use rand_distr::StandardNormal;
use std::fmt::Write as _;

/// Devices of 20, 30, 40 µS with `I = G V (1 + 0.1 V²/V²)`, readings ± 1 % ± `floor` µA; rows beyond.
fn sweeps(floor: f64, seed: u64, more: &[&str]) -> String {
    let mut generator = stream(seed, Purpose::Check, 0, 0);
    let mut text = "# by hand\ndevice,voltage_V,current_uA\n".to_owned();
    for (device, conductance) in [20.0, 30.0, 40.0].into_iter().enumerate() {
        for volts in [0.001, 0.002, 0.005, 0.02, 0.1, 0.2, 0.3, 0.4, 0.5] {
            for volts in [-volts, volts] {
                let [share, own]: [f64; 2] =
                    std::array::from_fn(|_| generator.sample(StandardNormal));
                let law = conductance * volts * (1.0 + 0.1 * volts * volts);
                let current = law * (1.0 + 0.01 * share) + floor * own;
                writeln!(text, "{device},{volts},{current:.9}").unwrap();
            }
        }
    }
    text + &more.join("\n")
}

fn fitted(text: &str) -> Result<Fit, FitError> {
    let bare = Base::load(None).unwrap();
    fit(Kind::Iv, &table(text), &bare, &of_order(0))
}

#[test]
fn readings_in_the_noise_floor_may_have_any_sign() {
    let mut wrong = 0;
    for seed in 0..20 {
        let text = sweeps(0.05, seed, &[]);
        wrong += text
            .lines()
            .skip(2)
            .filter(|line| {
                let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
                cells[1] * cells[2] < 0.0
            })
            .count();
        let found = fitted(&text).unwrap();
        let value = |key: &str| found.parameters.iter().find(|p| p.key == key).unwrap();
        // The range is that of fitted conductances, not of a chord near 0 V.
        let largest = value("conductance.max");
        assert!(
            (largest.value - 40e-6).abs() < 4.0 * largest.standard_error,
            "{largest:?}"
        );
        assert!(largest.standard_error < 0.3e-6);
        let floor = value("noise floor of readings");
        assert!((floor.value / 0.05e-6 - 1.0).abs() < 0.6, "{floor:?}");
        assert!(found.law.contains("a noise floor"), "{}", found.law);
    }
    assert!(wrong > 25, "{wrong}");
}

#[test]
fn a_current_that_flows_the_wrong_way_is_refused_by_its_line() {
    for more in ["0,0.3,-5", "1,-0.4,0", "2,0.25,-0.05", "2,-0.25,12"] {
        for floor in [0.0, 0.05] {
            let error = fitted(&sweeps(floor, 3, &[more])).unwrap_err().to_string();
            assert!(error.contains("line 57: `current_uA`"), "{more}: {error}");
            assert!(error.contains("within the noise"), "{error}");
        }
    }
    // The noise of an instrument whose readings near 0 V are all of the wrong sign.
    let few = ["0,0.0005,-0.03", "1,0.0005,-0.03", "2,-0.0005,0.03"];
    fitted(&sweeps(0.0, 3, &few)).unwrap();
    // Leads that are swapped.
    let swapped: String = sweeps(0.0, 3, &[]).replace("uA\n", "uA\n3,0.1,-2\n3,0.2,-4\n");
    let error = fitted(&swapped).unwrap_err().to_string();
    assert!(error.contains("line 3: `current_uA`"), "{error}");
}

#[test]
fn a_largest_conductance_that_is_told_too_small_is_said() {
    let bare = Base::load(None).unwrap();
    let told = Options {
        max: Some(30e-6),
        ..of_order(0)
    };
    let found = fit(Kind::Iv, &table(&sweeps(0.0, 3, &[])), &bare, &told).unwrap();
    let said = found.warnings.join("\n");
    assert!(said.contains("above the largest conductance"), "{said}");
}
