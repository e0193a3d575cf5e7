//! The ideal chip.

use super::Spec;
use crate::chip::Design;
use std::sync::LazyLock;

static IDEAL: LazyLock<Design> = LazyLock::new(|| {
    let spec = Spec::load("ideal").expect("a spec that comes with the crate");
    spec.design()
});

impl Design {
    /// No imperfection, no noise: D3's node (C = 100 fF, g = 10 µS, V = 0.1 V) at 300 K.
    pub fn ideal() -> Self {
        IDEAL.clone()
    }
}
