//! Which activation it is, and what is known of it.

use super::shape::{Inverse as _, Shape};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! kinds {
    ([$($(#[$meta:meta])* $kind:ident: $file:ident,)*]) => {
        /// The nonlinearity f of a hidden node before soft clamping.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum ActivationKind {
            $($(#[$meta])* $kind,)*
        }

        impl ActivationKind {
            /// Every activation.
            pub const ALL: &[Self] = &[$(Self::$kind),*];
        }
    };
}

activations!(kinds!);

/// What the type of an activation answers.
macro_rules! asked {
    ([$($(#[$meta:meta])* $kind:ident: $file:ident,)*] $self:ident, $shape:ident => $answer:expr) => {
        match $self {
            $(ActivationKind::$kind => {
                type $shape = super::$file::$kind;
                $answer
            })*
        }
    };
}

/// The name that files give it.
impl fmt::Display for ActivationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl ActivationKind {
    /// `(f, f′, f″)` at `h`, in double precision.
    pub(super) fn derivatives(self, h: f64) -> (f64, f64, f64) {
        activations!(asked! self, F => F::reference(h))
    }

    /// Whether f rises everywhere, so that it has an inverse.
    pub fn rises(self) -> bool {
        activations!(asked! self, F => <F as Shape>::Inverse::EXISTS)
    }

    /// The names of those that rise everywhere, as a message lists them: `tanh, softplus or identity`.
    pub fn rising() -> String {
        let rising = Self::ALL.iter().filter(|kind| kind.rises());
        let names: Vec<String> = rising.map(ToString::to_string).collect();
        match names.split_last() {
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }

    /// f⁻¹ in double precision; none where f falls somewhere.
    pub(super) fn inverse(self, f: f64) -> Option<f64> {
        let value = activations!(asked! self, F => <F as Shape>::Inverse::inverse_reference(f));
        self.rises().then_some(value)
    }

    /// Whether f⁻¹ is a straight line.
    pub(crate) fn is_line(self) -> bool {
        activations!(asked! self, F => <F as Shape>::Inverse::IS_LINE)
    }

    /// The interval of f's values; infinite where it has no end.
    pub(super) fn values(self) -> (f64, f64) {
        activations!(asked! self, F => F::VALUES)
    }

    /// The interval to which a node's state is confined.
    pub(crate) fn state_range(self) -> Option<(f64, f64)> {
        activations!(asked! self, F => F::CONFINED).then_some((0.0, 1.0))
    }

    /// f as an ngspice expression in `v`.
    pub(crate) fn spice(self) -> &'static str {
        activations!(asked! self, F => F::SPICE)
    }

    /// f′ likewise.
    pub(crate) fn spice_slope(self) -> &'static str {
        activations!(asked! self, F => F::SPICE_SLOPE)
    }

    /// Lines that define `inbase(v)` = f⁻¹ for ngspice; none where f falls somewhere.
    pub(crate) fn spice_inverse(self) -> Vec<String> {
        activations!(asked! self, F => <F as Shape>::Inverse::spice())
    }
}
