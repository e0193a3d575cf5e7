use super::super::{Segments, WireTable, WireTableError};

/// Resistances of both cells, of every node that is published, by the documented formula.
#[test]
fn tables_reproduce_what_their_sources_say() {
    let mut count = 0;
    for table in WireTable::shipped().unwrap() {
        for (node, cell, row, column) in table.published().unwrap() {
            let found = table.segments(node, &cell).unwrap();
            // Two decimals or three digits are published.
            for (found, published) in [(found.row, row), (found.column, column)] {
                let error = (found - published).abs();
                assert!(
                    error <= 0.005 * (1.0 + published),
                    "{} {node} {cell}: {found}",
                    table.name()
                );
                count += 1;
            }
        }
        assert!(!table.sources().is_empty() && !table.summary().is_empty());
    }
    assert_eq!(count, 2 * (2 * 12 + 7 + 1));
}

/// 14 nm by hand: w = 32 nm, AR = 2, barrier 2.5 nm, 32.5 nohm m.
#[test]
fn the_formula_by_hand() {
    let effective = 32.5e-9 / (1.0 - 5.0 * 2.5 / 64.0);
    let one_t = effective * 4.0 * 32e-9 / (32e-9_f64.powi(2) * 2.0);
    let found = Segments::parse("14 nm").unwrap();
    assert!(
        (found.row / one_t - 1.0).abs() < 1e-12 && found.column.to_bits() == found.row.to_bits()
    );
    let cross = Segments::parse("14nm, cross-point").unwrap();
    assert!((cross.row / found.row - 0.5).abs() < 1e-12);
    let older = Segments::parse("14 nm, neurosim-2.1").unwrap();
    assert!((older.row - 4.92).abs() < 0.005);
    let imac = Segments::parse("9 nm, IMAC-sim").unwrap();
    assert!((imac.row / imac.column - 1.25).abs() < 1e-12);
    assert!(imac.source.contains("imac-sim"));
}

#[test]
fn what_is_in_no_table_is_refused() {
    for (text, part) in [
        ("15 nm", "130 nm"),
        ("14", "technology node"),
        ("14 V", "technology node"),
        ("", "technology node"),
        ("14 nm, crosspoint", "did you mean `cross-point`"),
        ("14 nm, neurosim-1.5", "did you mean `neurosim-1.4`"),
        ("9 nm, cross-point, imac-sim", "1t1r"),
        ("14 nm, no/such/table.toml", "cannot be read"),
    ] {
        let message = Segments::parse(text).unwrap_err().to_string();
        assert!(message.contains(part), "{text}: {message}");
        assert!(!message.contains('\n'), "{message}");
    }
    let good = include_str!("../../../hw-specs/wires/imac-sim.toml");
    for (from, to) in [
        ("27 nm", "27 V"),
        ("50.8 nohm m", "50.8 ohm"),
        ("barrier = \"0 nm\"", "barrier = \"20 nm\""),
        ("summary", "summery"),
    ] {
        let refused = WireTable::parse(&good.replace(from, to), "my.toml").unwrap_err();
        assert!(
            matches!(refused, WireTableError::Table { .. }),
            "{to}: {refused}"
        );
    }
}
