//! Generated samples.

use super::{choice, data, number, physical, slider};
use crate::page::{
    gallery::{Gallery, SampleSet},
    run::RunData,
};
use maud::{Markup, html};

pub(super) fn section(gallery: &Gallery, run: Option<&RunData>) -> Markup {
    let options: Vec<(String, String)> = gallery
        .sets
        .iter()
        .enumerate()
        .map(|(index, set)| (index.to_string(), set.label.clone()))
        .collect();
    let first = &gallery.sets[0];
    html! {
        p {
            "The first " (first.count) " samples of each set, none picked out. "
            @match &gallery.training {
                Some(training) => {
                    "At the right of each sample: the nearest (Euclidean, pixels) of the " (training.count)
                    @if run.is_some() { " training images" } @else { " images" } " of " (training.name) "."
                }
                None => { "The training images are not where they were, so that no neighbours are shown." }
            }
        }
        div data-kind="samples" {
            (data(gallery))
            div.controls hidden {
                (choice("set", "set", &options, 0))
                (slider("flow time", "frame", first.flow_times.len().saturating_sub(1), first.first))
            }
            figure {
                @if let Some(picture) = &first.picture {
                    @let [width, height] = picture.size();
                    img.pixels data-role="still" src=(picture.link()) alt="Samples, each with its nearest training image"
                        width=(4 * width) height=(4 * height);
                }
                canvas.pixels data-role="grid" tabindex="0" role="img" hidden
                    aria-label="Samples, each with its nearest training image; arrow keys move from sample to sample" {}
                figcaption { (caption(first)) }
            }
            p.readout data-role="readout" aria-live="polite" hidden {
                "Point at a sample, or move there with the arrow keys."
            }
        }
        (distances(&gallery.sets))
    }
}

fn caption(set: &SampleSet) -> Markup {
    html! {
        span data-role="caption" {
            (set.label) ", flow time " (number(set.flow_times.get(set.first).copied()))
        }
    }
}

fn distances(sets: &[SampleSet]) -> Markup {
    html! {
        details {
            summary { "Distance to the nearest training image, against time" }
            div.scroll tabindex="0" role="region" aria-label="Distances" {
                table {
                    caption { "Median over the samples shown. Falling towards 0 would be copying." }
                    thead { tr {
                        th scope="col" { "set" } th scope="col" { "flow time" }
                        th scope="col" { "time on the chip" } th scope="col" { "median distance" }
                    } }
                    tbody {
                        @for set in sets { @for (frame, time) in set.flow_times.iter().enumerate() {
                            tr {
                                th scope="row" { (set.label) }
                                td { (number(Some(*time))) }
                                td { (physical(set.seconds.as_ref().and_then(|all| all.get(frame)).copied(), "s")) }
                                td { (number(set.median_distance.as_ref().and_then(|all| all.get(frame)).copied())) }
                            }
                        } }
                    }
                }
            }
        }
    }
}
