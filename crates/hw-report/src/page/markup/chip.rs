//! How a chip relaxes, and the conductances that it is made of.

use super::{choice, data, number, physical, slider};
use crate::page::{
    conductances::{ArrayOfMaps, Conductances},
    encode::{ColourScale, DIVERGING, SEQUENTIAL},
    plot,
    relaxation::Relaxations,
};
use maud::{Markup, html};
use serde::Serialize;

pub(super) fn relaxation(relaxations: &Relaxations) -> Markup {
    let options: Vec<(String, String)> = relaxations
        .samples
        .iter()
        .enumerate()
        .map(|(index, sample)| (index.to_string(), sample.label.clone()))
        .collect();
    html! {
        p {
            "Node equations of chip " strong { (relaxations.chip) } " (" (relaxations.cell)
            " cells, τ = " (physical(Some(relaxations.tau_s), "s")) "), from a cold start, under the springs that "
            "read the velocity of one sample. Shown are the nodes of every layer that move most."
        }
        div data-kind="relaxation" {
            (data(relaxations))
            div.controls hidden {
                (choice("anchor", "sample", &options, 0))
                (slider("time", "time", relaxations.instants.saturating_sub(1), 0))
            }
            p.readout data-role="readout" aria-live="off" hidden {}
            @for (role, chart) in ["voltages", "energy", "residual"].iter().zip(&relaxations.charts) {
                figure.chart data-role=(role) {
                    (plot::chart(chart))
                    figcaption { (chart.title) "; " (first_label(relaxations)) "." }
                }
            }
            div.scroll tabindex="0" role="region" aria-label="Settling" {
                table {
                    caption {
                        "A sample is settled when its residual stays below " (number(Some(relaxations.settled_below)))
                        " g_unit V_unit; seed " (relaxations.seed) ", 300 equal intervals of 0.1 τ."
                    }
                    thead { tr {
                        th scope="col" { "anchor" } th scope="col" { "settled after" }
                        th scope="col" { "residual after 30 τ" }
                    } }
                    tbody {
                        @for sample in &relaxations.samples {
                            tr {
                                th scope="row" { (sample.label) }
                                td { (sample.settling_s.map_or_else(|| "not within 30 τ".to_owned(),
                                    |t| physical(Some(t), "s"))) }
                                td { (number(Some(sample.last_residual))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn first_label(relaxations: &Relaxations) -> &str {
    relaxations
        .samples
        .first()
        .map_or("", |sample| sample.label.as_str())
}

/// What the script draws.
#[derive(Serialize)]
struct Maps<'a> {
    #[serde(flatten)]
    conductances: &'a Conductances,
    sequential: ColourScale,
    diverging: ColourScale,
}

pub(super) fn conductances(maps: &Conductances) -> Markup {
    let first = &maps.chips[0];
    let labels = |texts: &mut dyn Iterator<Item = &str>| -> Vec<(String, String)> {
        let numbered = texts.enumerate();
        numbered
            .map(|(index, text)| (index.to_string(), text.to_owned()))
            .collect()
    };
    let chips = labels(&mut maps.chips.iter().map(|chip| chip.label.as_str()));
    let arrays = labels(&mut first.arrays.iter().map(|array| array.name.as_str()));
    let views: Vec<(String, String)> = [
        ("plus", "G⁺ achieved"),
        ("minus", "G⁻ achieved"),
        ("plus-error", "error of G⁺"),
        ("minus-error", "error of G⁻"),
        ("weight-error", "error of G⁺ − G⁻"),
    ]
    .map(|(value, text)| (value.to_owned(), text.to_owned()))
    .to_vec();
    let document = Maps {
        conductances: maps,
        sequential: SEQUENTIAL,
        diverging: DIVERGING,
    };
    html! {
        p {
            "Every coupling is a pair of devices, W = (G⁺ − G⁻) / scale. Errors are what programming achieved "
            "less what was asked for."
            @if maps.left_out > 0 {
                " There was no room for " (maps.left_out) " more chips."
            }
        }
        div data-kind="conductances" {
            (data(&document))
            div.controls hidden {
                (choice("chip", "chip", &chips, 0))
                (choice("array", "array", &arrays, 0))
                (choice("show", "view", &views, 0))
                label { input type="checkbox" data-role="stuck" checked; "mark stuck devices" }
            }
            div.heatmap data-role="heatmap" hidden {
                canvas data-role="canvas" tabindex="0" role="img"
                    aria-label="Heatmap of conductances; arrow keys move from crosspoint to crosspoint" {}
                div.colourbar {
                    canvas data-role="bar" width="12" height="200" aria-hidden="true" {}
                    div.ticks { span data-role="high" {} span data-role="middle" {} span data-role="low" {} }
                }
            }
            p.readout data-role="readout" aria-live="polite" hidden {
                "Point at a crosspoint, or move there with the arrow keys."
            }
            div.static-maps {
                @for array in first.arrays.iter().filter(|array| array.rows > 1) {
                    figure {
                        img.pixels src=(array.picture.link()) alt=(format!("G⁺ of {}", array.name))
                            width=(2 * array.picture.size()[0]) height=(2 * array.picture.size()[1]);
                        figcaption { (picture_caption(array)) }
                    }
                }
            }
            (arrays_table(first.label.as_str(), &first.arrays))
        }
    }
}

fn picture_caption(array: &ArrayOfMaps) -> String {
    format!(
        "G⁺ of {}: rows {}, columns {}; {} µS (dark) to {} µS (bright){}",
        array.name,
        array.row_layer,
        array.column_layer,
        number(Some(array.range_us[0])),
        number(Some(array.range_us[1])),
        if array.stride > 1 {
            format!("; every {}th row and column", array.stride)
        } else {
            String::new()
        }
    )
}

fn arrays_table(chip: &str, arrays: &[ArrayOfMaps]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Arrays" {
            table {
                caption { "Arrays of " (chip) "." }
                thead { tr {
                    th scope="col" { "array" } th scope="col" { "rows × columns" }
                    th scope="col" { "scale / µS" } th scope="col" { "rms error / µS" }
                    th scope="col" { "stuck devices" } th scope="col" { "clipped" }
                    th scope="col" { "shown" }
                } }
                tbody {
                    @for array in arrays {
                        tr {
                            th scope="row" { (array.name) }
                            td { (array.rows) " × " (array.columns) }
                            td { (number(Some(array.scale_us))) }
                            td { (number(Some(array.rms_error_us))) }
                            td { (array.stuck) }
                            td { (array.clipped) }
                            td {
                                @if array.stride == 1 { "all" }
                                @else { "every " (array.stride) "th row and column" }
                            }
                        }
                    }
                }
            }
        }
    }
}
