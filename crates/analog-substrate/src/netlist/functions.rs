//! The activation and its relatives as ngspice functions, in forms that overflow nowhere.

use super::deck::Deck;
use crate::{Activation, ActivationKind, Cell};

/// Distance from the ends of a bounded activation's range at which its inverse goes on as a straight
/// line: atanh reaches 8.4 there, with a slope of 5e6. A saturated node of input z rests (z − 8.4)/5e6
/// beyond. A steeper line is exact to more digits than a path has, and ngspice's step shrinks to nothing
/// where a node runs into it.
const EDGE: f64 = 1e-7;

/// Input at which atanh of an output reaches that edge.
pub(super) const SATURATING: f64 = 8.4;

/// Output below which the inverse of softplus goes on as a straight line: ln(e^y − 1) = −16 there.
const SMALLEST_SOFTPLUS: f64 = 1e-7;

/// Writes `act(v)` = a, and for the cells that need them `dact(v)` = a′ and `inva(v)` = a⁻¹, all of
/// dimensionless numbers.
pub(super) fn write(deck: &mut Deck, activation: Activation, cell: Cell) {
    deck.comment("the activation; arguments and values in units of V_unit");
    if cell == Cell::Resistive {
        inverse(deck, activation);
        return;
    }
    deck.line(format_args!(".func base(v) {{{}}}", base(activation.kind)));
    match activation.clamp {
        None => deck.line(format_args!(".func act(v) {{base(v)}}")),
        Some(c) => deck.line(format_args!(".func act(v) {{{c:e}*tanh(base(v)/{c:e})}}")),
    }
    if cell == Cell::Gradient {
        slope(deck, activation);
    }
}

/// f of [`ActivationKind`].
fn base(kind: ActivationKind) -> &'static str {
    match kind {
        // sigmoid(v) = (1 + tanh(v/2))/2
        ActivationKind::Silu => "0.5*v*(1+tanh(0.5*v))",
        ActivationKind::Tanh => "tanh(v)",
        ActivationKind::Softplus => "0.5*(v+abs(v))+ln(1+exp(-abs(v)))",
        ActivationKind::HardSigmoid => "max(0,min(1,v))",
        ActivationKind::Identity => "v",
    }
}

fn slope(deck: &mut Deck, activation: Activation) {
    let base_slope = match activation.kind {
        ActivationKind::Silu => "0.5*(1+tanh(0.5*v))*(1+0.5*v*(1-tanh(0.5*v)))",
        ActivationKind::Tanh => "(1-tanh(v))*(1+tanh(v))",
        ActivationKind::Softplus => "0.5*(1+tanh(0.5*v))",
        // 1 inside [0, 1], where the node's clamp keeps it.
        ActivationKind::HardSigmoid | ActivationKind::Identity => "1",
    };
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
    match activation.kind {
        ActivationKind::Tanh => deck.line(format_args!(".func inbase(v) {{rise(v)}}")),
        ActivationKind::Softplus => {
            // ln(e^y − 1) = y + ln(1 − e^−y); the slope is 1/(1 − e^−y).
            let least = SMALLEST_SOFTPLUS;
            let steepest = -1.0 / (-least).exp_m1();
            deck.line(format_args!(".func above(v) {{max({least:e},v)}}"));
            deck.line(format_args!(
                ".func inbase(v) {{above(v)+ln(1-exp(-above(v)))+{steepest:e}*(v-above(v))}}"
            ));
        }
        // No resistive cell has SiLU; the edges of the hard sigmoid are diodes.
        ActivationKind::Silu | ActivationKind::HardSigmoid | ActivationKind::Identity => {
            deck.line(format_args!(".func inbase(v) {{v}}"));
        }
    }
    match activation.clamp {
        None => deck.line(format_args!(".func inva(v) {{inbase(v)}}")),
        Some(c) => deck.line(format_args!(
            ".func inva(v) {{inbase({c:e}*rise(v/{c:e}))}}"
        )),
    }
}
