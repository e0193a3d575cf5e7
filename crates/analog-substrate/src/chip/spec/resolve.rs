//! From the values of a spec to the numbers that a simulation needs.

use super::{Setting, Spec};
use crate::{
    Cell,
    chip::{
        ActivationBlock, Converters, Crossbar, Design, Environment, Flicker, NodeDesign, Overheads,
        SpringDesign, Summing,
    },
};
use serde::{
    Deserialize,
    de::{
        IntoDeserializer as _,
        value::{Error, StrDeserializer},
    },
};

impl Spec {
    /// The numbers of the chip, in SI units.
    pub fn design(&self) -> Design {
        Design {
            name: self.name.clone(),
            cell: self.word::<Cell>("cell"),
            node: NodeDesign {
                capacitance: self.distributed("node.capacitance"),
                visible_ratio: self.number("node.visible_ratio"),
                unit_conductance: self.number("node.unit_conductance"),
                leak: self.distributed("node.leak"),
                unit_voltage: self.number("node.unit_voltage"),
            },
            crossbar: Crossbar {
                summing: self.word::<Summing>("crossbar.summing").unwrap_or_default(),
                noise_factor: self.number("crossbar.noise_factor"),
            },
            activation: ActivationBlock {
                gain: self.distributed("activation.gain"),
                offset: self.distributed("activation.offset"),
                noise_density: self.number("activation.noise_density"),
                flicker: self.flicker(),
                saturation: self.optional("activation.saturation"),
                bandwidth: self.optional("activation.bandwidth"),
            },
            spring: SpringDesign {
                stiffness: self.optional("spring.stiffness"),
                mismatch: self.distributed("spring.mismatch"),
            },
            converters: Converters {
                dac_bits: self.count("converters.dac_bits"),
                dac_range: self.number("converters.dac_range"),
                adc_bits: self.count("converters.adc_bits"),
                adc_range: self.number("converters.adc_range"),
                hold_capacitance: self.optional("converters.hold_capacitance"),
                droop: self.number("converters.droop"),
                dac_energy: self.number("converters.dac_energy"),
                adc_energy: self.number("converters.adc_energy"),
            },
            overheads: Overheads {
                reset: self.number("overheads.reset"),
                write: self.number("overheads.write"),
                read: self.number("overheads.read"),
            },
            environment: Environment {
                temperature: self.number("environment.temperature"),
                thermal_noise: self.setting("environment.thermal_noise") == Setting::Switch(true),
                bias_power: self.number("environment.bias_power"),
            },
        }
    }

    fn flicker(&self) -> Option<Flicker> {
        let coefficient = self.number("activation.flicker");
        (coefficient > 0.0).then(|| Flicker {
            coefficient,
            low: self.number("activation.flicker_low"),
            high: self.number("activation.flicker_high"),
        })
    }

    /// A quantity that need not be there.
    fn optional(&self, name: &str) -> Option<f64> {
        (self.setting(name) != Setting::None).then(|| self.number(name))
    }

    fn count(&self, name: &str) -> Option<u32> {
        match self.setting(name) {
            Setting::Count(count) => Some(count),
            _ => None,
        }
    }

    /// An enum's value, by the name that it has in files.
    fn word<T: for<'a> Deserialize<'a>>(&self, name: &str) -> Option<T> {
        let Setting::Word(word) = self.setting(name) else {
            return None;
        };
        let name: StrDeserializer<'_, Error> = word.into_deserializer();
        Some(T::deserialize(name).expect("the tests read every word of every key"))
    }
}
