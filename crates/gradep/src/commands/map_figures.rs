//! Figures of conductance maps.

use crate::cli::FigureFormat;
use analog_substrate::{arrays::Bank, device::Stuck};
use gradep_core::files::{ChipMap, Provenance};
use hw_report::figure::{BankMap, ConductanceFigure, FigureError};
use std::path::Path;
use units::Unit;

/// Digits of a hash that are shown to people.
const SHORT_HASH: usize = 12;

/// Draws every array of a chip beside its table.
pub(super) fn draw(folder: &Path, chip: &ChipMap, format: FigureFormat) -> Result<(), FigureError> {
    let Provenance {
        spec,
        spec_hash,
        seed,
        chip: number,
        ..
    } = &chip.provenance;
    for array in &chip.map.arrays {
        let name = array.name();
        let stuck = |bank: &Bank| bank.stuck.mapv(|stuck| stuck != Stuck::Free);
        let masks = [stuck(&array.plus), stuck(&array.minus)];
        let [plus, minus] =
            [(&array.plus, &masks[0]), (&array.minus, &masks[1])].map(|(bank, stuck)| BankMap {
                asked: bank.asked.view(),
                achieved: bank.achieved.view(),
                stuck: stuck.view(),
            });
        let figure = ConductanceFigure {
            heading: &format!("Conductances of {name}: {spec}, chip {number}"),
            plus,
            minus,
            tile: chip.tile,
            origin: &format!(
                "Weight = (G⁺ − G⁻)/({}). Seed {seed}, spec {}…",
                Unit::Siemens.show(array.scale, 4),
                &spec_hash[..SHORT_HASH.min(spec_hash.len())]
            ),
        };
        figure.write(&folder.join(format!("{name}.{}", format.extension())))?;
    }
    Ok(())
}
