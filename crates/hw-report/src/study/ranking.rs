//! Imperfections in order of what they cost.

use super::{PERCENT, StudyFigures};
use crate::{
    figure::{Bar, BarPanel, Ranking},
    metric,
};
use bench_hw::sweep::{Cell, Effect, NOT_ADDITIVE, Rank, Spread, about_intervals};

impl StudyFigures<'_> {
    /// Does something with the ranking; an empty one where the document has none.
    pub(super) fn ranking<T>(self, act: impl FnOnce(&Ranking<'_>) -> T) -> T {
        let ranking = self.document.ranking.as_deref().unwrap_or_default();
        let names: Vec<(String, String)> = ranking
            .iter()
            .map(|rank| (rank.key.clone(), rank.level.clone()))
            .collect();
        let bars = |scale: f64, of: fn(&Effect) -> &Spread| -> Vec<Vec<Option<Bar>>> {
            let both = ranking.iter();
            let both = both.map(
                |Rank {
                     left_out, alone, ..
                 }| [of(left_out), of(alone)],
            );
            both.map(|pair| pair.map(|spread| bar(spread, scale)).to_vec())
                .collect()
        };
        let all = [
            (
                format!("change of {}", metric::label("fd_features")),
                bars(1.0, |effect| &effect.fd_features),
            ),
            (
                format!("change of {}", metric::label("fd_pixels")),
                bars(1.0, |effect| &effect.fd_pixels),
            ),
            (
                "change of velocity error (% points)".to_owned(),
                bars(PERCENT, |effect| &effect.velocity_error),
            ),
        ];
        let panels: Vec<BarPanel<'_>> = all
            .iter()
            .filter(|(_, bars)| bars.iter().flatten().any(Option::is_some))
            .map(|(label, bars)| BarPanel { label, bars })
            .collect();
        let whole = self.document.whole.as_ref();
        let chips = whole.map_or(0, |whole| whole.chips);
        let value = |cell: Option<&Cell>| {
            let score = cell.and_then(|cell| cell.scores.get(self.decisive())?.mean);
            score.map_or("none".to_owned(), |value| format!("{value:.2}"))
        };
        act(&Ranking {
            heading: &format!("What to pay for on chip {}", self.document.question.chip),
            caption: &format!(
                "{} Mean over chips of differences between chips of the same number; error bars: {}. \
                 {} of the whole chip {}, of the ideal one {}. Only imperfections that are on; \
                 {NOT_ADDITIVE}.",
                self.conditions(chips),
                about_intervals(chips),
                self.headline(),
                value(whole),
                value(Some(&self.document.ideal_cell)),
            ),
            names: &names,
            legend: &["gained by removing it from the chip", "lost with it alone"],
            panels: &panels,
        })
    }
}

/// Mean with half its interval.
fn bar(spread: &Spread, factor: f64) -> Option<Bar> {
    Some(Bar {
        value: factor * spread.mean?,
        error: spread
            .interval
            .map(|interval| factor * interval.half_width()),
    })
}
