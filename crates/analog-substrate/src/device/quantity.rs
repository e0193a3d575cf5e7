//! Numbers that device files write with their unit.

use serde::{Deserialize, Serialize};
use units::{Quantity, Unit};

macro_rules! quantity {
    ($name:ident, $unit:expr, $what:literal) => {
        #[doc = $what]
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub(super) struct $name(pub(super) f64);

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                Quantity::parse(&text, $unit)
                    .map(|quantity| Self(quantity.value))
                    .map_err(|reason| format!("{text:?} {reason}; expected {}", $unit.example()))
            }
        }
    };
}
quantity!(Siemens, Unit::Siemens, "A conductance, S.");
quantity!(Seconds, Unit::Second, "A time, s.");
quantity!(Volts, Unit::Volt, "A voltage, V.");
quantity!(Joules, Unit::Joule, "An energy, J.");
quantity!(Share, Unit::One, "A share: a number or a percentage.");
quantity!(PerVolt, Unit::SiemensPerVolt, "A quadratic current, A/V².");
quantity!(
    PerVolt2,
    Unit::SiemensPerVoltSquared,
    "A cubic current, A/V³."
);
