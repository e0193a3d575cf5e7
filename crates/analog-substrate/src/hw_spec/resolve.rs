//! From the values of a spec to the numbers that a simulation needs.

use super::{Setting, Spec};
use crate::{
    Cell,
    arrays::{ArrayDesign, Pulse, Update},
    chip::{
        ActivationBlock, Converters, Crossbar, Design, Environment, Flicker, NodeDesign, Overheads,
        SpringDesign, Summing,
    },
    device::{Device, Effects, MOST_PULSES, Pulses, StepLaw, Steps, Verify},
    wires::{Tiling, Wires},
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
            arrays: self.arrays(),
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
                visible_bias: self.number("environment.visible_bias"),
            },
        }
    }

    /// The device as its own file and the overrides of the spec make it, and the wires.
    fn arrays(&self) -> Option<ArrayDesign> {
        let mut device = self.device()?.clone();
        if let Some(count) = self.count("array.level_count") {
            device = device.with_levels(Some(count));
        }
        if let Some(share) = self.optional("array.programming_sigma") {
            device = device.with_programming_noise(share);
        }
        let (time, energy) = device.pulse_cost();
        let (on, off) = device.stuck_shares();
        let on = self.optional("array.stuck_on").unwrap_or(on);
        let off = self.optional("array.stuck_off").unwrap_or(off);
        let is_on = |name: &str| self.setting(name) == Setting::Switch(true);
        let variation = self.number("array.device_variation");
        let segment = self.number("wires.segment");
        let terminal = self.number("wires.terminal");
        let whole = u32::MAX as usize;
        let tile = |name: &str| self.count(name).map(|count| count as usize);
        let (rows, columns) = (tile("wires.tile_rows"), tile("wires.tile_columns"));
        let is_tiled = rows.is_some() || columns.is_some();
        Some(ArrayDesign {
            device: device.with_stuck(on, off).with_device_variation(variation),
            effects: Effects {
                levels: is_on("array.levels"),
                programming_noise: is_on("array.programming_noise"),
                device_variation: variation > 0.0,
                stuck: is_on("array.stuck"),
                drift: is_on("array.drift"),
                read_noise: is_on("array.read_noise"),
                nonlinearity: is_on("array.nonlinearity"),
            },
            verify: self.optional("array.tolerance").map(|tolerance| Verify {
                tolerance,
                most_pulses: self.count("array.most_pulses").unwrap_or(MOST_PULSES),
            }),
            pulse: Pulse {
                time: self.optional("array.pulse_time").or(time),
                energy: self.optional("array.pulse_energy").or(energy),
            },
            read_voltage: self.optional("array.read_voltage"),
            update: self.update(self.device()?),
            order: self.word("array.update_order").unwrap_or_default(),
            scale: self.optional("array.scale"),
            directions: self.word("array.directions").unwrap_or_default(),
            biases: self.word("array.biases").unwrap_or_default(),
            age: self.number("array.age"),
            compensation: self.word("array.compensation").unwrap_or_default(),
            wires: Wires {
                row_segment: segment,
                column_segment: self.optional("wires.column_segment").unwrap_or(segment),
                row_terminal: terminal,
                column_terminal: terminal,
                ..Wires::default()
            },
            tiling: is_tiled.then_some(Tiling {
                rows: rows.unwrap_or(whole),
                columns: columns.unwrap_or(whole),
            }),
        })
    }

    /// How updates move devices.
    fn update(&self, device: &Device) -> Update {
        let steps = || Steps {
            law: self.step_law(device),
            count: self.update_pulses(device).unwrap_or(1),
            asymmetry: self.number("array.update_asymmetry"),
            cycle: self.optional("array.update_cycle").unwrap_or_else(|| {
                let own = device.pulses();
                // That of a file is a share of the range.
                own.map_or(0.0, |pulses| pulses.cycle() * f64::from(pulses.count()))
            }),
            variation: self.number("array.update_variation"),
        };
        match self.setting("array.update") {
            Setting::Word("pulses") => Update::Pulses(steps()),
            Setting::Word("mixed-precision") => Update::MixedPrecision(steps()),
            Setting::Word("rewrite") => Update::Rewrite,
            _ => Update::Exact,
        }
    }

    /// States of a device in updates; none where neither spec nor device says.
    pub(super) fn update_pulses(&self, device: &Device) -> Option<u32> {
        let own = device.pulses().map(Pulses::count);
        self.count("array.update_pulses").or(own)
    }

    fn step_law(&self, device: &Device) -> StepLaw {
        let shape = self.number("array.update_shape");
        match self.setting("array.update_law") {
            Setting::Word("linear") => StepLaw::Linear { slope: shape },
            Setting::Word("soft-bounds") => StepLaw::Linear { slope: 1.0 },
            Setting::Word("power") => StepLaw::Power { exponent: shape },
            Setting::Word("exponential") => StepLaw::Exponential { rate: shape },
            Setting::None => match (device.pulses(), self.update_pulses(device)) {
                (Some(pulses), Some(count)) => StepLaw::Response(pulses.with_count(count)),
                _ => StepLaw::Constant,
            },
            _ => StepLaw::Constant,
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
