//! A configuration as text, and its identity.

use super::{
    ChipConfig, Config, ContrastConfig, FlowMethod, HeldConfig, InitialBias, Learn, Resolved,
    flow::OBJECTIVE_KEYS,
};
use crate::data::LabelColumn;
use std::fmt::Write as _;

/// Hex digits of [`Config::hash`]: 48 bits, so that among a million runs a chance collision has a
/// probability of about 0.2 %.
const HASH_DIGITS: usize = 12;

impl Config {
    /// The configuration as a complete TOML document, sections in the order of the fields.
    ///
    /// # Panics
    /// If `seed` exceeds 2⁶³ − 1, which [`Config::validate`] refuses.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("every value of a valid configuration is TOML")
    }

    /// Identity of the configuration: a prefix of the BLAKE3 hash of its canonical JSON (keys
    /// sorted, shortest round-trip numbers), in hexadecimal.
    #[expect(
        clippy::missing_panics_doc,
        reason = "numbers, text and lists are always JSON"
    )]
    pub fn hash(&self) -> String {
        // `Value` sorts its keys, so that the hash does not depend on the order of the fields.
        let mut canonical = serde_json::to_value(self).expect("a configuration is plain data");
        // A run from before there was a choice of biases is the same run: it can be gone on with.
        if self.network.initial_bias == InitialBias::default()
            && let Some(network) = canonical["network"].as_object_mut()
        {
            network.remove("initial_bias");
        }
        if !self.network.visible_leak
            && let Some(network) = canonical["network"].as_object_mut()
        {
            network.remove("visible_leak");
        }
        if self.optimiser.learn == Learn::default()
            && let Some(optimiser) = canonical["optimiser"].as_object_mut()
        {
            optimiser.remove("learn");
        }
        // The shape is for figures alone, and labels are for metrics; a run from before images could be kept from
        // training is one that keeps none.
        if let Some(data) = canonical["data"].as_object_mut() {
            // A run from before there were label nodes and held ones is one without.
            if self.data.label_nodes == 0 {
                data.remove("label_nodes");
            }
            data.remove("shape");
            data.remove("labels");
            if self.data.held_out <= 0.0 {
                data.remove("held_out");
            }
        }
        // One from before there were copies is one without.
        if let Some(held) = canonical["held"].as_object_mut()
            && !self.held.copies
        {
            held.remove("copies");
        }
        if self.held == HeldConfig::default()
            && let Some(all) = canonical.as_object_mut()
        {
            all.remove("held");
        }
        if self.contrast == ContrastConfig::default()
            && let Some(all) = canonical.as_object_mut()
        {
            all.remove("contrast");
        }
        if self.chip == ChipConfig::default()
            && let Some(all) = canonical.as_object_mut()
        {
            all.remove("chip");
        }
        if self.sampling.stop_below <= 0.0
            && let Some(sampling) = canonical["sampling"].as_object_mut()
        {
            sampling.remove("stop_below");
        }
        if self.sampling.temperature <= 0.0
            && let Some(sampling) = canonical["sampling"].as_object_mut()
        {
            sampling.retain(|key, _| !["temperature", "cool_until"].contains(&key.as_str()));
        }
        if self.sampling.method != FlowMethod::Adaptive
            && let Some(sampling) = canonical["sampling"].as_object_mut()
        {
            sampling.remove("tolerance");
        }
        // A run from before there was a choice of objectives learned flow matching at uniform times.
        if self.flow == self.flow.before_objectives()
            && let Some(flow) = canonical["flow"].as_object_mut()
        {
            flow.retain(|key, _| !OBJECTIVE_KEYS.contains(&format!("flow.{key}").as_str()));
        }
        // As runs from before there were more than two choices wrote it.
        match self.data.label_column {
            LabelColumn::Auto | LabelColumn::Last => {
                canonical["data"]["label_column"] = true.into();
            }
            LabelColumn::None => canonical["data"]["label_column"] = false.into(),
            LabelColumn::First => {}
        }
        let mut hex = blake3::hash(canonical.to_string().as_bytes())
            .to_hex()
            .to_string();
        hex.truncate(HASH_DIGITS);
        hex
    }
}

impl Resolved {
    /// The configuration as TOML, each value followed by a comment that says where it came from.
    pub fn to_annotated_toml(&self) -> String {
        let text = self.config.to_toml();
        let width = text.lines().map(str::len).max().unwrap_or_default();
        let mut section = "";
        let mut annotated = String::with_capacity(2 * text.len());
        for line in text.lines() {
            annotated.push_str(line);
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                section = name;
            } else if let Some((name, _)) = line.split_once(" = ") {
                let key = match section {
                    "" => name.to_owned(),
                    _ => format!("{section}.{name}"),
                };
                if let Some(origin) = self.origins.get(&key) {
                    let pad = width - line.len();
                    let _ = write!(annotated, "{:pad$}  # {origin}", "");
                }
            }
            annotated.push('\n');
        }
        annotated
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        config::{Config, InitialBias, Request},
        objective::ObjectiveKind,
    };

    #[test]
    fn the_hash_tells_configurations_apart() {
        let paper = Config::preset("paper").unwrap();
        let mut other = paper.clone();
        assert_eq!(paper.hash(), other.hash());
        assert_eq!(paper.hash().len(), 12);
        other.nudge.beta *= 1.0 + f64::EPSILON;
        assert_ne!(paper.hash(), other.hash(), "one unit in the last place");
    }

    #[test]
    fn a_run_of_an_earlier_version_is_read_and_is_the_same_run() {
        let mut paper = Config::preset("paper").unwrap();
        let text = paper.to_toml();
        let objective = "objective = \"flow-matching\"\ndecay = \"truncated\"\ndecay_from = 0.5\n\
            decay_start = 1.0\nmultiplier = 1.0\nlate_share = 0.0\nlate_share_end = 0.0\nlate_from = 0.8\n\
            time_power = 0.0\n";
        assert!(text.contains(objective), "{text}");
        let earlier = text
            .replace("initial_bias = \"zero\"\n", "")
            .replace(objective, "")
            .replace("visible_leak = false\n", "")
            .replace("stop_below = 0.0\n", "")
            .replace(
                "temperature = 0.0\ncool_until = 0.0\ntolerance = 0.01\n",
                "",
            );
        assert_ne!(earlier, text);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), earlier).unwrap();
        assert_eq!(Config::read(file.path()).unwrap(), paper);
        // What `manifest.json` of such a run says.
        assert_eq!(paper.hash(), "95ed5224b4a2");
        let mut equilibrium = paper.clone();
        equilibrium.flow.objective = ObjectiveKind::EquilibriumMatching;
        assert_ne!(equilibrium.hash(), "95ed5224b4a2");
        let mut late = paper.clone();
        late.flow.late_share = 0.3;
        assert_ne!(late.hash(), "95ed5224b4a2");
        paper.network.initial_bias = InitialBias::Uniform;
        assert_ne!(paper.hash(), "95ed5224b4a2");
    }

    #[test]
    fn every_value_is_annotated_and_the_text_stays_toml() {
        let request = Request {
            overrides: vec!["nudge.beta=2e-3".into()],
            ..Request::default()
        };
        let resolved = request.resolve().unwrap();
        let text = resolved.to_annotated_toml();
        assert_eq!(text.matches("  # ").count(), resolved.origins.len());
        assert!(text.contains("# override nudge.beta=2e-3"));
        let back: Config = toml::from_str(&text).unwrap();
        assert_eq!(back, resolved.config);
    }
}
