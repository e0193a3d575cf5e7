//! Arrays, wires, loads and tiles that cannot be.

use super::{LOADED, Read, Sense, Tiling, Wires, effective, uniform, wires};
use crate::wires::{WireTable, WiresError, effective_conductances, reduce, tiled_conductances};
use ndarray::Array2;

fn error(g: &Array2<f64>, wires: &Wires, sense: Sense) -> WiresError {
    let found = effective_conductances(g.view(), wires, Read::Forward, sense).unwrap_err();
    // NaN is not equal to itself: errors are compared as they print.
    let other = reduce(g.view(), wires, Read::Backward, sense).unwrap_err();
    assert_eq!(found.to_string(), other.to_string());
    found
}

#[test]
fn devices_must_be_passive() {
    for wrong in [-1e-9, f64::NAN, f64::INFINITY] {
        let mut g = uniform(3, 4, 1e-4, 1);
        g[[1, 2]] = wrong;
        let found = error(&g, &Wires::default(), Sense::VirtualGround);
        assert!(matches!(
            found,
            WiresError::Conductance {
                row: 1,
                column: 2,
                ..
            }
        ));
        assert!(found.to_string().contains("row 1, column 2"), "{found}");
    }
}

#[test]
fn an_array_has_devices() {
    for shape in [(0, 4), (4, 0), (0, 0)] {
        let found = error(&Array2::zeros(shape), &Wires::default(), LOADED);
        let (rows, columns) = shape;
        assert_eq!(found, WiresError::Empty { rows, columns });
    }
}

#[test]
fn wires_and_loads_must_be_passive() {
    let g = uniform(3, 4, 1e-4, 2);
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        for k in 0..4 {
            let mut resistances = [1.0; 4];
            resistances[k] = wrong;
            let found = error(&g, &wires(resistances), Sense::VirtualGround);
            assert!(matches!(found, WiresError::Resistance { .. }), "{found}");
        }
    }
    for siemens in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let found = error(&g, &Wires::default(), Sense::Loaded { siemens });
        assert!(matches!(found, WiresError::Load { .. }), "{found}");
    }
}

#[test]
fn tiles_have_devices() {
    let g = uniform(3, 4, 1e-4, 3);
    let tiling = Tiling {
        rows: 2,
        columns: 0,
    };
    let found = tiled_conductances(g.view(), &Wires::default(), Read::Forward, LOADED, tiling);
    assert_eq!(
        found,
        Err(WiresError::Tile {
            rows: 2,
            columns: 0
        })
    );
}

/// Numbers at the edge of double precision end in an error or in finite conductances, never in a
/// panic or a NaN.
#[test]
fn absurd_numbers_are_refused_or_survived() {
    for siemens in [1e-300, 1e-9, 1e12, 1e300] {
        for ohms in [1e-300, 1e12, 1e300] {
            let g = Array2::from_elem((4, 3), siemens);
            let wires = wires([ohms; 4]);
            for sense in [Sense::VirtualGround, Sense::Loaded { siemens: 1e-300 }] {
                match effective_conductances(g.view(), &wires, Read::Forward, sense) {
                    Ok(found) => assert!(found.iter().all(|x| x.is_finite() && *x >= 0.0)),
                    Err(found) => assert_eq!(found, WiresError::Range),
                }
            }
        }
    }
    let plain = effective(
        &uniform(3, 3, 1e-4, 4),
        &wires([1e-320; 4]),
        Read::Forward,
        Sense::VirtualGround,
    );
    assert_eq!(plain, uniform(3, 3, 1e-4, 4).t());
}

#[test]
fn tables_whose_texts_are_no_lines_are_refused() {
    let good = include_str!("../../../hw-specs/wires/neurosim-1.4.toml");
    let bad = good.replacen("name = \"", "name = \"\\u001b[2J", 1);
    assert_ne!(bad, good);
    let message = WireTable::parse(&bad, "my.toml").unwrap_err().to_string();
    assert!(
        message.contains("my.toml") && message.contains("name holds the character"),
        "{message}"
    );
}
