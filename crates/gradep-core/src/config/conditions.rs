//! What label nodes and held nodes ask of the rest.

use super::{
    Config, CouplingKind, HeldNodes, InvalidConfig, Pairing, choice_name, validate::within,
};
use crate::data::BesidePixels;

impl Config {
    /// Which visible nodes follow the pixels.
    pub fn beside_pixels(&self) -> BesidePixels {
        BesidePixels {
            label_nodes: self.data.label_nodes,
            copies: self.held.copies,
        }
    }

    /// Label nodes, held nodes, and pairs that are not tied to what is given.
    pub(super) fn validate_conditions(&self) -> Result<(), InvalidConfig> {
        let (labels, held) = (self.data.label_nodes, &self.held);
        let visible = self.network.layers.visible();
        if labels == 1 || labels >= visible {
            return Err(InvalidConfig::OutOfRange {
                key: "data.label_nodes",
                value: labels as f64,
                expected: format!(
                    "0, or at least 2 and fewer than the {visible} visible nodes of network.layers, which are the pixels and them"
                ),
            });
        }
        if self.beside_pixels().pixels(visible).is_none() {
            return Err(InvalidConfig::Copies {
                visible,
                label_nodes: labels,
            });
        }
        within("held.share", held.share)?;
        if held.copies && !held.nodes.are_pixels() {
            return Err(InvalidConfig::CopiesOfNothing {
                held: choice_name(&held.nodes),
            });
        }
        let by_class = self.flow.pairing == Pairing::Class;
        if labels == 0 && (by_class || held.nodes == HeldNodes::Labels) {
            let (key, value) = if by_class {
                ("flow.pairing", choice_name(&self.flow.pairing))
            } else {
                ("held.nodes", choice_name(&held.nodes))
            };
            return Err(InvalidConfig::NoLabelNodes { key, value });
        }
        let labels_only = held.nodes == HeldNodes::Labels;
        let is_tied = match self.flow.coupling {
            CouplingKind::Independent => false,
            CouplingKind::OptimalTransport => held.nodes.are_pixels() || labels_only && !by_class,
        };
        if is_tied && held.share > 0.0 {
            return Err(InvalidConfig::TransportWithCondition {
                held: choice_name(&held.nodes),
                labels_only,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Request;

    #[test]
    fn pairs_that_are_tied_to_what_is_given_are_refused_with_the_ways_out() {
        for (wrong, told) in [
            (
                &["held.nodes=mixed"][..],
                "expected flow.coupling = \"independent\"",
            ),
            (
                &["held.nodes=labels", "data.label_nodes=10"],
                "or flow.pairing = \"class\"",
            ),
        ] {
            let request = |more: &[&str]| Request {
                overrides: [wrong, more]
                    .concat()
                    .iter()
                    .map(|&s| s.to_owned())
                    .collect(),
                ..Request::default()
            };
            let error = request(&[]).resolve().unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
            for right in ["flow.coupling=independent", "held.share=0"] {
                assert!(request(&[right]).resolve().is_ok(), "{wrong:?} {right}");
            }
            let by_class = request(&["flow.pairing=class"]).resolve();
            assert_eq!(by_class.is_ok(), wrong.len() == 2);
        }
    }
    #[test]
    fn copies_are_a_second_visible_node_for_each_pixel_of_data_that_are_held() {
        let request = |more: &[&str]| Request {
            overrides: more.iter().map(|&s| s.to_owned()).collect(),
            ..Request::default()
        };
        let fill = [
            "held.nodes=mixed",
            "flow.coupling=independent",
            "held.copies=true",
        ];
        let config = request(&fill).resolve().unwrap().config;
        assert_eq!(config.network.layers.visible(), 128);
        let with_labels = [&fill[..], &["data.label_nodes=10"]].concat();
        let config = request(&with_labels).resolve().unwrap().config;
        assert_eq!(config.network.layers.visible(), 138);
        let pixels = |config: &crate::config::Config| config.beside_pixels().pixels(138);
        assert_eq!(pixels(&config), Some(64));
        for (more, told) in [
            ("held.nodes=none", "`held.copies` = true"),
            ("network.layers=[127,8,8]", "begins with 127 visible nodes"),
        ] {
            let error = request(&[&fill[..], &[more]].concat()).resolve();
            let error = error.unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
