//! The chip that a result is of, beside the result.

use super::chip::to_json;
use analog_substrate::hw_spec::Spec;
use gradep_core::files::spec_hash;
use serde::Serialize;
use serde_json::Value;

/// What the numbers of a result on a chip are in units of, and the spec that they hold for.
#[derive(Clone, Serialize)]
pub(super) struct ResolvedChip {
    /// `V_unit` in volts: a state of 1.
    pub(super) v_unit_v: f64,
    /// `g_unit` in siemens: a stiffness of 1. Residuals are in units of `g_unit` · `V_unit`.
    g_unit_s: f64,
    /// BLAKE3 of the design that the spec resolves to.
    spec_hash: String,
    /// Every value of the spec, overrides included, as `gradep chip show --json` prints it.
    spec: Value,
}

impl ResolvedChip {
    pub(super) fn of(spec: &Spec) -> Self {
        let node = spec.design().node;
        Self {
            v_unit_v: node.unit_voltage,
            g_unit_s: node.unit_conductance,
            spec_hash: spec_hash(spec),
            spec: to_json(spec),
        }
    }

    /// The resolved spec as a JSON text.
    pub(super) fn text(&self) -> String {
        self.spec.to_string()
    }
}
