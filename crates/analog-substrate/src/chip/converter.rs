//! What stands between numbers and node voltages: DAC, sample-and-hold, ADC.

use super::{BOLTZMANN, Design};
use crate::{
    kernels::Real,
    random::{Purpose, stream},
};
use ndarray::{Array2, ArrayView2};
use rand_distr::{Distribution, StandardNormal};

/// The nearest of 2^bits evenly spaced values on ±range; beyond it the nearest end.
pub(super) fn quantised(value: f64, bits: u32, range: f64) -> f64 {
    let levels = 2.0_f64.powi(bits.cast_signed()) - 1.0;
    let step = 2.0 * range / levels;
    ((value.clamp(-range, range) + range) / step).round() * step - range
}

/// Anchors as the chip holds them: quantised by the DAC, with the kT/C noise that the hold capacitor
/// froze (Johnson 1928; variance kT/C_hold).
pub(super) fn held_anchor<R: Real>(
    design: &Design,
    anchor: ArrayView2<'_, R>,
    (seed, relaxation, first_sample): (u64, u64, u64),
) -> Array2<R> {
    let converters = &design.converters;
    let volt = design.node.unit_voltage;
    let frozen = converters.hold_capacitance.map_or(0.0, |c| {
        (BOLTZMANN * design.environment.temperature / c).sqrt() / volt
    });
    let mut held = anchor.to_owned();
    if converters.dac_bits.is_none() && frozen == 0.0 {
        return held;
    }
    for (sample, mut row) in held.rows_mut().into_iter().enumerate() {
        let address = first_sample + sample as u64;
        let mut generator = stream(seed, Purpose::Converter, relaxation, address);
        for x in &mut row {
            let mut value = x.to_f64();
            if let Some(bits) = converters.dac_bits {
                value = quantised(value, bits, converters.dac_range / volt);
            }
            let normal: f64 = StandardNormal.sample(&mut generator);
            *x = R::from_f64(value + frozen * normal);
        }
    }
    held
}

/// Values as the ADC reads them: voltages in units of V_unit, currents in units of g_unit·V_unit,
/// both on ± its range over V_unit.
pub(super) fn read<R: Real>(design: &Design, values: &mut Array2<R>) {
    if let Some(bits) = design.converters.adc_bits {
        let range = design.converters.adc_range / design.node.unit_voltage;
        values.mapv_inplace(|v| R::from_f64(quantised(v.to_f64(), bits, range)));
    }
}
