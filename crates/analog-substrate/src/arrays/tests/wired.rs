//! What nodes see through wires, against all nodes of the crossbars solved at once.

use super::*;
use crate::wires::{Ends, Read, Sense, tests::nodal::Nodal};
use ndarray::s;

/// `(G⁺ − G⁻)/scale` of the weights of a map by nodal analysis, tile by tile, as rows and as columns see them.
fn nodal(design: &ArrayDesign, banks: [&Array2<f64>; 2], scale: f64) -> [Array2<f64>; 2] {
    let (rows, columns) = banks[0].dim();
    let (high, wide) = (design.tiling).map_or((rows, columns), |t| (t.rows, t.columns));
    [Read::Backward, Read::Forward].map(|read| {
        let mut seen = Array2::zeros((rows, columns));
        for top in (0..rows).step_by(high) {
            for left in (0..columns).step_by(wide) {
                let area = s![
                    top..(top + high).min(rows),
                    left..(left + wide).min(columns)
                ];
                for (bank, sign) in banks.into_iter().zip([1.0, -1.0]) {
                    let tile = bank.slice(area).to_owned();
                    let found = Nodal::new(&tile, &design.wires, read, Sense::VirtualGround);
                    let found = match read {
                        Read::Backward => found.conductances(),
                        Read::Forward => found.conductances().reversed_axes(),
                    };
                    seen.slice_mut(area).scaled_add(sign / scale, &found);
                }
            }
        }
        seen
    })
}

/// 6-9-5.
fn few_couplings() -> Couplings<f64> {
    let all = couplings();
    let mut few = Couplings::zeros(Layers::new(vec![6, 9, 5]).unwrap());
    for l in 0..2 {
        let [rows, columns] = [few.weight(l).nrows(), few.weight(l).ncols()];
        let part = all.weight(l).slice(s![..rows, ..columns]).to_owned();
        few.weight_mut(l).assign(&part);
    }
    few
}

/// Long thin lines to far amplifiers: a few per cent of a tile's current is lost.
fn wired_design() -> ArrayDesign {
    ArrayDesign {
        device: Device::load("pcm").unwrap(),
        wires: Wires {
            row_segment: 100.0,
            column_segment: 60.0,
            row_terminal: 2000.0,
            column_terminal: 700.0,
            ..Wires::default()
        },
        ..design()
    }
}

/// Largest difference of the weights seen at an instant from the nodal ones, over the largest weight.
fn error(design: &ArrayDesign, map: &ConductanceMap, arrays: &mut Arrays, elapsed: f64) -> f64 {
    let mut same = Arrays::new(design.clone(), map.clone(), UNITS).unwrap();
    let banks = same
        .present(elapsed, &mut stream(1, Purpose::Fluctuation, 0, 0))
        .unwrap();
    let seen = arrays
        .at(elapsed, &mut stream(1, Purpose::Fluctuation, 0, 0))
        .unwrap();
    let mut worst = 0.0_f64;
    for array in &banks {
        let Part::Weight(l) = array.part else {
            continue;
        };
        let mut lines = [array.plus.clone(), array.minus.clone()];
        if design.effects.nonlinearity {
            design.linearise(&mut lines, array.scale, UNITS);
        }
        let [up, down] = nodal(design, [&lines[0], &lines[1]], array.scale);
        let largest = up.iter().fold(0.0_f64, |most, w| most.max(w.abs()));
        for (found, expected) in [(seen.up.weight(l), up), (seen.down.weight(l), down)] {
            for (a, b) in found.iter().zip(&expected) {
                worst = worst.max((a - b).abs() / largest);
            }
        }
    }
    worst
}

/// One half of every pair of phase-change memory does not conduct. Rows and columns of one sign leave
/// whole lines of a bank at 0 S.
#[test]
fn currents_by_other_devices_reach_lines_whose_own_do_not_conduct() {
    let mut couplings = few_couplings();
    let [rows, columns] = [couplings.weight(0).nrows(), couplings.weight(0).ncols()];
    couplings.weight_mut(0).row_mut(rows / 2).fill(0.3);
    couplings.weight_mut(0).column_mut(columns / 2).fill(-0.2);
    couplings.weight_mut(0).row_mut(0).fill(0.0);
    for tiling in [
        None,
        Some(Tiling {
            rows: 5,
            columns: 4,
        }),
    ] {
        let mut design = ArrayDesign {
            tiling,
            ..wired_design()
        };
        design.effects = Effects::NONE;
        let map = design.program(&couplings, None, 1.0);
        let silent = map.arrays[0]
            .plus
            .achieved
            .iter()
            .filter(|g| **g == 0.0)
            .count();
        assert!(silent > rows * columns / 3, "{silent}");
        let mut arrays = Arrays::new(design.clone(), map.clone(), UNITS).unwrap();
        let error = error(&design, &map, &mut arrays, 0.0);
        assert!(error < 1e-9, "{tiling:?}: {error:e}");
    }
}

/// Ends that make the two directions differ.
#[test]
fn directions_that_differ_are_solved_each() {
    use crate::wires::End;
    let mut design = wired_design();
    design.wires.ends = Ends {
        row_sense: End::Last,
        ..Ends::default()
    };
    for directions in [Directions::Shared, Directions::Separate] {
        let design = ArrayDesign {
            directions,
            ..design.clone()
        };
        let map = design.program(&few_couplings(), None, 1.0);
        let mut arrays = Arrays::new(design.clone(), map, UNITS).unwrap();
        let seen = arrays
            .at(0.0, &mut stream(1, Purpose::Fluctuation, 0, 0))
            .unwrap();
        let map = arrays.map();
        for array in &map.arrays {
            let Part::Weight(l) = array.part else {
                continue;
            };
            let banks = [&array.plus.achieved, &array.minus.achieved];
            let [up, down] = nodal(&design, banks, array.scale);
            let served = [
                (crate::arrays::Direction::Up, seen.up.weight(l), up),
                (crate::arrays::Direction::Down, seen.down.weight(l), down),
            ];
            for (direction, found, expected) in served {
                if [crate::arrays::Direction::Both, direction].contains(&array.direction) {
                    let worst = (&found - &expected)
                        .iter()
                        .fold(0.0_f64, |m, d| m.max(d.abs()));
                    assert!(worst < 1e-9, "{directions:?} {direction:?}: {worst:e}");
                }
            }
        }
    }
}

/// What drifts, fluctuates or is bent is solved as it is at the instant, not as it was programmed; a
/// clock that moves hardly solves nothing again and stays as good.
#[test]
fn wires_are_those_of_the_instant() {
    let couplings = few_couplings();
    for (device, nonlinear) in [("pcm", false), ("reram-cmo", true)] {
        let mut design = ArrayDesign {
            device: Device::load(device).unwrap(),
            age: 3600.0,
            ..wired_design()
        };
        design.effects.drift = device == "pcm";
        design.effects.read_noise = device == "pcm";
        design.effects.nonlinearity = nonlinear;
        let map = design.program(&couplings, Some(FIRST), 1.0);
        for elapsed in [0.0, 1e-6, 1e-3, 1e4] {
            let mut fresh = Arrays::new(design.clone(), map.clone(), UNITS).unwrap();
            let fresh = error(&design, &map, &mut fresh, elapsed);
            assert!(fresh < 1e-9, "{device} after {elapsed} s: {fresh:e}");
        }
        // The same arrays, looked at again.
        design.effects.read_noise = false;
        let mut arrays = Arrays::new(design.clone(), map.clone(), UNITS).unwrap();
        for elapsed in [0.0, 1e-6, 2e-6, 1e-3, 1e4] {
            let followed = error(&design, &map, &mut arrays, elapsed);
            assert!(followed < 1e-9, "{device} at {elapsed} s: {followed:e}");
        }
    }
}
