//! Device files.

use super::{
    DeviceError,
    aging::{self, AgingLaw},
    basis::Basis,
    current::Current,
    golden::Golden,
    provenance::{Known, Provenance},
    pulses::Pulses,
    sections::{Programming, Range, Read, ReadWhite, Valid, Write},
    shipped::SHIPPED,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::Path};
use units::{
    nearest,
    printable::unprintable,
    toml_text::{one_line, read_text},
};

/// [`Device`] with a field for every law of ageing: forgetting one does not compile.
macro_rules! device {
    (
        [$($(#[$attribute:meta])* $section:ident: $law:ident,)*]
        $(#[$meta:meta])*
        pub struct Device { $($before:tt)* } laws { $($after:tt)* }
    ) => {
        $(#[$meta])*
        pub struct Device {
            $($before)*
            $($(#[$attribute])* pub(super) $section: Option<aging::$section::$law>,)*
            $($after)*
        }

        impl Device {
            /// The law of what time does to it; none: nothing.
            pub(super) fn aging(&self) -> Option<&dyn AgingLaw> {
                None
                    $(.or_else(|| self.$section.as_ref().map(|law| law as &dyn AgingLaw)))*
            }

            /// Every section that is a law of ageing, and whether the file has it.
            pub(super) fn aging_sections(&self) -> Vec<(&'static str, bool)> {
                vec![$((stringify!($section), self.$section.is_some())),*]
            }
        }
    };
}

aging::laws! { device!
    /// A memory device.
    ///
    /// ```
    /// use analog_substrate::device::Device;
    ///
    /// let pcm = Device::load("pcm")?;
    /// let (smallest, largest) = pcm.conductance_range();
    /// assert!(0.0 <= smallest && smallest < largest, "siemens");
    /// assert!(!pcm.sources().is_empty());
    /// # Ok::<(), analog_substrate::device::DeviceError>(())
    /// ```
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Device {
        name: String,
        summary: String,
        evidence: Known,
        sources: Vec<String>,
        alternative: Option<String>,
        #[serde(default)]
        leaves_out: Vec<String>,
        pub(super) levels: Option<u32>,
        pub(super) conductance: Range,
        pub(super) valid: Option<Valid>,
        #[serde(default)]
        pub(super) programming: Programming,
        pub(super) pulses: Option<Pulses>,
        pub(super) write: Option<Write>,
    }
    laws {
        pub(super) read: Option<Read>,
        pub(super) read_white: Option<ReadWhite>,
        pub(super) current: Option<Current>,
        #[serde(default, skip_serializing)]
        pub(super) golden: Vec<Golden>,
        #[serde(default, skip_serializing)]
        pub(super) provenance: BTreeMap<String, Provenance>,
        #[serde(skip_deserializing)]
        pub(super) variation: f64,
        #[serde(skip_deserializing)]
        pub(super) stuck: (f64, f64),
        /// Dotted names of values, for what [`Device::unexplained`] looks for.
        #[serde(skip)]
        pub(super) values: Vec<String>,
    }
}

impl Device {
    /// The shipped device of this name, in capitals or not, or the one of a TOML file.
    ///
    /// # Errors
    /// No such device, or a file that is none.
    pub fn load(reference: &str) -> Result<Self, DeviceError> {
        let (text, file) = Self::text(reference)?;
        Self::parse(&text, &file)
    }

    /// The text of the file that [`load`](Self::load) reads, and the name that its messages have for it.
    ///
    /// # Errors
    /// No such device, or a file that cannot be read.
    pub fn text(reference: &str) -> Result<(String, String), DeviceError> {
        let named = SHIPPED
            .iter()
            .find(|(stem, _)| stem.eq_ignore_ascii_case(reference));
        if let Some((stem, text)) = named {
            let file = format!("hw-specs/devices/{stem}.toml");
            return Ok(((*text).to_owned(), file));
        }
        match read_text(Path::new(reference)) {
            Ok(text) => Ok((text, reference.to_owned())),
            Err(reason) if reason.kind() == std::io::ErrorKind::NotFound => {
                Err(DeviceError::Unknown {
                    reference: reference.to_owned(),
                    nearest: nearest(
                        &reference.to_lowercase(),
                        SHIPPED.iter().map(|(stem, _)| *stem),
                    ),
                })
            }
            Err(reason) => Err(DeviceError::Read {
                file: reference.to_owned(),
                reason,
            }),
        }
    }

    /// Names of the devices that come with the crate.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(stem, _)| *stem)
    }

    /// The devices that come with the crate.
    ///
    /// # Errors
    /// As [`Device::load`].
    pub fn shipped() -> Result<Vec<Self>, DeviceError> {
        SHIPPED.iter().map(|(stem, _)| Self::load(stem)).collect()
    }

    /// Reads the text of a device file; messages name `file`.
    ///
    /// # Errors
    /// Text that is no device.
    pub fn parse(text: &str, file: &str) -> Result<Self, DeviceError> {
        let syntax = |reason: toml::de::Error| DeviceError::Syntax {
            file: file.to_owned(),
            message: one_line(text, &reason),
        };
        let mut device: Self = toml::from_str(text).map_err(syntax)?;
        let table: toml::Table = text.parse().map_err(syntax)?;
        if let Some(found) = unprintable(&table) {
            return Err(DeviceError::Syntax {
                file: file.to_owned(),
                message: found.to_string(),
            });
        }
        device.values = super::provenance::value_names(&table);
        match device.problem() {
            Some((key, problem)) => Err(DeviceError::Value {
                file: file.to_owned(),
                key,
                problem,
            }),
            None => Ok(device),
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in one line.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Where its values come from.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Another fit of the same device.
    pub fn alternative(&self) -> Option<&str> {
        self.alternative.as_deref()
    }

    /// What is known of the device, or should be, that the file does not describe.
    pub fn leaves_out(&self) -> &[String] {
        &self.leaves_out
    }

    /// How its values are known, on the whole.
    pub const fn evidence(&self) -> &'static str {
        self.evidence.name()
    }

    /// Smallest and largest conductance, S.
    pub const fn conductance_range(&self) -> (f64, f64) {
        (self.conductance.min.0, self.conductance.max.0)
    }

    /// Number of levels, evenly spaced over the range; none if continuous, or set by pulses.
    pub const fn levels(&self) -> Option<u32> {
        self.levels
    }

    /// Shares of devices that are stuck at the largest and at the smallest conductance.
    pub const fn stuck_shares(&self) -> (f64, f64) {
        self.stuck
    }

    /// Duration, s, and energy, J, of a programming pulse, where they are known.
    pub fn pulse_cost(&self) -> (Option<f64>, Option<f64>) {
        let write = self.write.as_ref();
        (
            write.map(|write| write.time.0),
            write.and_then(|write| write.energy).map(|energy| energy.0),
        )
    }

    /// What laws may ask of it.
    pub(super) const fn basis(&self) -> Basis<'_> {
        Basis {
            conductance: &self.conductance,
            valid: self.valid.as_ref(),
            programming: &self.programming,
            pulses: self.pulses.as_ref(),
        }
    }

    /// The range of conductances that can be asked for, S.
    pub(super) const fn span(&self) -> f64 {
        self.basis().span()
    }

    /// The shares of the largest conductance at which laws hold.
    pub(super) fn valid_shares(&self) -> [f64; 2] {
        self.basis().valid_shares()
    }

    /// The share of the largest conductance; that of the nearer end for conductances that noise has
    /// carried out of the range in which laws hold.
    pub(super) fn share(&self, conductance: f64) -> f64 {
        self.basis().share(conductance)
    }

    /// With other levels; fewer than two are none.
    pub fn with_levels(mut self, levels: Option<u32>) -> Self {
        self.levels = levels.filter(|&levels| levels >= 2);
        self
    }

    /// With the same programming noise everywhere, a share of the range; it does not grow later.
    pub fn with_programming_noise(mut self, share: f64) -> Self {
        self.programming.sigma = super::sigma::Sigma::constant(share * self.span());
        self.relaxation = None;
        if let Some(pulses) = &mut self.pulses {
            pulses.cycle.0 = 0.0;
        }
        self
    }

    /// With these shares of devices stuck at the largest and at the smallest conductance.
    pub fn with_stuck(mut self, on: f64, off: f64) -> Self {
        self.stuck = (on, off);
        self
    }

    /// With a relative spread of the conductance from device to device.
    pub fn with_device_variation(mut self, share: f64) -> Self {
        self.variation = share;
        self
    }
}
