//! The devices that come with the crate.

/// Name and text of the files of `hw-specs/devices`.
macro_rules! shipped {
    ($($stem:literal),*) => {
        [$(($stem, include_str!(concat!("../../hw-specs/devices/", $stem, ".toml")))),*]
    };
}

/// Every device, by the name of its file.
pub(super) const SHIPPED: &[(&str, &str)] = &shipped!(
    "generic",
    "pcm",
    "pcm-joshi",
    "hermes-1",
    "hermes-2",
    "reram-wan",
    "reram-wan-crosssim",
    "reram-cmo",
    "reram-cmo-loose",
    "reram-milo",
    "sonos",
    "ecram",
    "ecram-mo",
    "fefet",
    "capacitor-14nm",
    "capacitor-3t1c",
    "capacitor-6t1c",
    "mosfet-edge",
    "kendall"
);
