//! The activation and its relatives as ngspice functions, in forms that overflow nowhere.

use super::deck::Deck;
use crate::{Activation, Cell};

/// Distance from the ends of a bounded activation's range at which its inverse goes on as a straight
/// line: atanh reaches 8.4 there, with a slope of 5e6. A saturated node of input z rests (z − 8.4)/5e6
/// beyond. A steeper line is exact to more digits than a path has, and ngspice's step shrinks to nothing
/// where a node runs into it.
const EDGE: f64 = 1e-7;

/// Input at which atanh of an output reaches that edge.
pub(super) const SATURATING: f64 = 8.4;

/// Writes `act(v)` = a, and for the cells that need them `dact(v)` = a′ and `inva(v)` = a⁻¹, all of
/// dimensionless numbers.
pub(super) fn write(deck: &mut Deck, activation: Activation, cell: Cell) {
    deck.comment("the activation; arguments and values in units of V_unit");
    if cell == Cell::Resistive {
        inverse(deck, activation);
        return;
    }
    deck.line(format_args!(
        ".func base(v) {{{}}}",
        activation.kind.spice()
    ));
    match activation.clamp {
        None => deck.line(format_args!(".func act(v) {{base(v)}}")),
        Some(c) => deck.line(format_args!(".func act(v) {{{c:e}*tanh(base(v)/{c:e})}}")),
    }
    if cell == Cell::Gradient {
        slope(deck, activation);
    }
}

fn slope(deck: &mut Deck, activation: Activation) {
    let base_slope = activation.kind.spice_slope();
    match activation.clamp {
        None => deck.line(format_args!(".func dact(v) {{{base_slope}}}")),
        Some(c) => {
            deck.line(format_args!(".func dbase(v) {{{base_slope}}}"));
            deck.line(format_args!(
                ".func dact(v) {{(1-tanh(base(v)/{c:e}))*(1+tanh(base(v)/{c:e}))*dbase(v)}}"
            ));
        }
    }
}

/// Inverses go on as straight lines outside their domain, so that Newton iterations can leave it.
fn inverse(deck: &mut Deck, activation: Activation) {
    let limit = 1.0 - EDGE;
    let steepest = 1.0 / ((1.0 - limit) * (1.0 + limit));
    deck.line(format_args!(
        ".func within(v) {{max(-{limit:e},min({limit:e},v))}}"
    ));
    deck.line(format_args!(
        ".func rise(v) {{0.5*ln((1+within(v))/(1-within(v)))+{steepest:e}*(v-within(v))}}"
    ));
    for line in activation.kind.spice_inverse() {
        deck.line(format_args!("{line}"));
    }
    match activation.clamp {
        None => deck.line(format_args!(".func inva(v) {{inbase(v)}}")),
        Some(c) => deck.line(format_args!(
            ".func inva(v) {{inbase({c:e}*rise(v/{c:e}))}}"
        )),
    }
}
