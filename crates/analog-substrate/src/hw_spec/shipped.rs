//! The specs that come with the crate.

/// A spec that comes with the crate.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// The name that it goes by.
    pub name: &'static str,
    /// Its longer name, that of its file without `.toml`.
    pub stem: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Reads a file of the folder `hw-specs`.
macro_rules! shipped {
    ($name:literal, $stem:literal) => {
        Shipped {
            name: $name,
            stem: $stem,
            text: include_str!(concat!("../../hw-specs/", $stem, ".toml")),
        }
    };
}

/// The specs that come with the crate: the ideal chip, and four reference designs from discrete
/// parts to an aggressive integrated one, and these with memory devices.
pub const SHIPPED: &[Shipped] = &[
    shipped!("ideal", "ideal"),
    shipped!("D1", "d1-discrete"),
    shipped!("D2", "d2-relaxed"),
    shipped!("D3", "d3-reference"),
    shipped!("D4", "d4-aggressive"),
    shipped!("D3-PCM", "d3-pcm"),
    shipped!("D2-ReRAM", "d2-reram"),
    shipped!("D3-HERMES", "d3-hermes"),
    shipped!("D3-ReRAM-CMO", "d3-reram-cmo"),
    shipped!("D3-ReRAM-Milo", "d3-reram-milo"),
    shipped!("D3-Capacitor", "d3-capacitor"),
    shipped!("D2-SONOS", "d2-sonos"),
    shipped!("D2-ECRAM", "d2-ecram"),
    shipped!("D2-FeFET", "d2-fefet"),
    shipped!("D1-MOSFET", "d1-mosfet"),
    shipped!("D1-Kendall", "d1-kendall"),
];

impl Shipped {
    /// The spec of a name, short or long, in capitals or not.
    pub(super) fn find(name: &str) -> Option<Self> {
        SHIPPED.iter().copied().find(|spec| {
            name.eq_ignore_ascii_case(spec.name) || name.eq_ignore_ascii_case(spec.stem)
        })
    }

    /// The file that its messages name.
    pub fn file(&self) -> String {
        format!("hw-specs/{}.toml", self.stem)
    }
}
