//! Settings that do nothing.

use super::{Key, Setting, Spec};
use crate::hw_spec::keys::find;
use std::fmt;

/// A setting of a spec that does nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// The key, or a field of one (`activation.flicker_low.value`), as it was given.
    pub key: String,
    /// What is off, or missing.
    pub reason: String,
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} does nothing: {}", self.key, self.reason)
    }
}

/// What visible nodes do in an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisibleNodes {
    /// They are tied to their anchors by springs.
    Springs,
    /// They are held at their anchors.
    Held,
    /// They float: the chip generates by itself.
    Floating,
}

impl Spec {
    /// Why a key, or a field of one, does nothing in this spec; none where it acts, and for names that
    /// are no keys.
    pub fn idle(&self, name: &str) -> Option<Idle> {
        let reason = self.why_idle(key_of(name)?)?;
        Some(Idle {
            key: name.to_owned(),
            reason,
        })
    }

    /// Which of `key=value` overrides, which this spec has, do nothing in it, each once; also in an
    /// experiment with these visible nodes, if that is known.
    pub fn idle_overrides(
        &self,
        assignments: &[impl AsRef<str>],
        visible: Option<VisibleNodes>,
    ) -> Vec<Idle> {
        let mut found: Vec<Idle> = Vec::new();
        for text in assignments {
            let name = text.as_ref().split('=').next().unwrap_or_default().trim();
            let unused = || {
                let reason = unused(key_of(name)?, visible?)?.to_owned();
                let key = name.to_owned();
                Some(Idle { key, reason })
            };
            let idle = self.idle(name).or_else(unused);
            found.extend(idle.filter(|idle| !found.contains(idle)));
        }
        found
    }

    /// Why a key does nothing: a detail of what is off, or an effect that the device does not have.
    fn why_idle(&self, key: &Key) -> Option<String> {
        self.why_detail(key).or_else(|| {
            let effect = key.name.strip_prefix("array.")?;
            if self.setting(key.name) != Setting::Switch(true) {
                return None;
            }
            let device = self.design().arrays?.device;
            let lacking = device.lacks(effect)?;
            Some(format!("device {} has no {lacking}", device.name()))
        })
    }

    /// Why a key is a detail of what is off; none where it acts.
    pub(super) fn why_detail(&self, key: &Key) -> Option<String> {
        let needs_device = ["array.", "wires."].iter().any(|s| key.name.starts_with(s));
        if needs_device && self.device().is_none() {
            let reason = "the chip has no device (name one, such as -s device=generic)";
            return Some(reason.to_owned());
        }
        if let Some(reason) = self.why_no_update(key.name) {
            return Some(reason.to_owned());
        }
        let names: &[&str] = match key.name {
            "wires.tile_rows" | "wires.tile_columns" => {
                &["wires.segment", "wires.column_segment", "wires.terminal"]
            }
            "environment.temperature" => {
                &["environment.thermal_noise", "converters.hold_capacitance"]
            }
            _ => key.with,
        };
        let mut on = names
            .iter()
            .filter_map(|name| find(name))
            .filter(|other| !self.is_off(other))
            .peekable();
        match (names, on.peek()) {
            ([], _) => None,
            ([name], None) => Some(format!("{name} is off")),
            (names, None) => Some(format!("{} are off", names.join(" and "))),
            (_, Some(first)) => {
                // What is on may itself do nothing.
                let reason = self.why_idle(first)?;
                on.all(|other| self.why_idle(other).is_some())
                    .then_some(reason)
            }
        }
    }
}

impl Spec {
    /// Why a detail of updates does nothing in the way in which they are written.
    fn why_no_update(&self, name: &str) -> Option<&'static str> {
        let is_of_pulses = name.starts_with("array.update_");
        if is_of_pulses && self.setting("array.update") == Setting::Word("rewrite") {
            return Some("array.update is rewrite: no pulse moves a device from where it is");
        }
        let has_shape = ["linear", "power", "exponential"].map(Setting::Word);
        (name == "array.update_shape" && !has_shape.contains(&self.setting("array.update_law")))
            .then_some("array.update_law has no shape")
    }
}

/// The key of a name that is its own or that of one of its fields.
fn key_of(name: &str) -> Option<&'static Key> {
    find(name).or_else(|| find(name.rsplit_once('.')?.0))
}

/// Why a key does nothing in an experiment with these visible nodes.
fn unused(key: &Key, visible: VisibleNodes) -> Option<&'static str> {
    match (key.name, visible) {
        ("spring.stiffness" | "spring.mismatch", VisibleNodes::Held) => {
            Some("visible nodes are held, not tied by springs")
        }
        ("spring.stiffness" | "spring.mismatch", VisibleNodes::Floating) => {
            Some("visible nodes float, not tied by springs")
        }
        ("node.visible_ratio", VisibleNodes::Springs | VisibleNodes::Held) => {
            Some("visible nodes float in free-running generation only")
        }
        _ => None,
    }
}
