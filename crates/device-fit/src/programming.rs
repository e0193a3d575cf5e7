//! Programming noise: what is reached about what is asked.

use super::{
    Base, Fit, FitError, Kind, LawCurve, Measurements, Options, Residuals, abscissae, check_count,
    choice::{self, Law},
    correlations, parameters, structure,
    text::quantities,
};
use analog_substrate::device::polynomial;
use units::Unit;

/// Highest power of g that is tried.
pub(super) const MOST: usize = 3;
/// Share of the range by which a target may be above it: rounding in files.
const SLACK: f64 = 1e-6;

/// Fits σ(g) = Σ c_k g^k, g = target/G_max, to `achieved − target`; what was read as 0 is known to be
/// no more than that.
pub(super) fn fit(
    measurements: &Measurements,
    base: &Base,
    options: &Options,
) -> Result<Fit, FitError> {
    let target = measurements.quantity("target", Unit::Siemens)?;
    let achieved = measurements.quantity("achieved", Unit::Siemens)?;
    check_count(measurements, "measurements", target.len(), 8)?;
    let range = base.range(options, target.iter().copied())?;
    let within = format!("0 to {:e} S, the range of the device", range.max);
    measurements.check("target", &target, &within, |g| {
        (0.0..=range.max * (1.0 + SLACK)).contains(&g)
    })?;
    measurements.check("achieved", &achieved, "0 or more", |g| g >= 0.0)?;
    let shares: Vec<f64> = target.iter().map(|&g| range.share(g)).collect();
    let observed: Vec<f64> = achieved.iter().map(|&g| range.share(g)).collect();
    let spread = rms(observed.iter().zip(&shares).map(|(a, g)| a - g));
    let laws: Vec<Law<'_>> = (0..=MOST)
        .map(|order| law(&shares, order, spread))
        .collect();
    options.check_order(Kind::ProgrammingNoise)?;
    let allowed = |index| options.order.is_none_or(|order| order == index);
    let mut chosen = choice::choose(&laws, &observed, Some(0.0), allowed)?;
    let coefficients = chosen.estimate.values.clone();
    let sigma = |g: f64| polynomial(&coefficients, g);
    let free = || (0..shares.len()).filter(|&i| observed[i] > 0.0);
    let standardised: Vec<f64> = (0..shares.len())
        .map(|i| (observed[i] - shares[i]) / sigma(shares[i]))
        .collect();
    let uncut: Vec<f64> = free().map(|i| standardised[i]).collect();
    chosen.warnings.extend(choice::tails(&uncut));
    chosen.warnings.extend(bias(&shares, &observed, &sigma));
    let points = free().map(|i| [target[i], standardised[i]]).collect();
    chosen.warnings.extend(structure::trend(
        "conductance asked for",
        Unit::Siemens,
        points,
    ));
    chosen.warnings.extend(gaps(&shares, &sigma));
    let units = vec![(range.max, Unit::Siemens); coefficients.len()];
    let parameters = parameters(&chosen, &laws[chosen.index].keys, &units);
    let mut section = toml::Table::new();
    let values: Vec<f64> = parameters.iter().map(|p| p.value).collect();
    section.insert("sigma".to_owned(), quantities(&values, Unit::Siemens));
    Ok(Fit {
        kind: Kind::ProgrammingNoise,
        law: laws[chosen.index].formula.clone(),
        points: target.len(),
        devices: None,
        correlations: correlations(&chosen.estimate.covariance),
        residuals: Residuals {
            abscissa: "conductance asked for",
            abscissa_unit: Unit::Siemens,
            ordinate: "achieved − asked",
            ordinate_unit: Unit::Siemens,
            measured: target
                .iter()
                .zip(&achieved)
                .map(|(&t, a)| [t, a - t])
                .collect(),
            law: vec![LawCurve {
                label: "law".to_owned(),
                points: abscissae(&target)
                    .into_iter()
                    .map(|t| [t, 0.0, range.max * sigma(range.share(t))])
                    .collect(),
            }],
            standardised,
        },
        range,
        candidates: chosen.candidates,
        warnings: chosen.warnings,
        parameters,
        limit: None,
        section,
    })
}

fn law(shares: &[f64], order: usize, spread: f64) -> Law<'_> {
    let mut start = vec![0.0; order + 1];
    start[0] = spread;
    Law {
        formula: match order {
            0 => "sigma = c0".to_owned(),
            1 => "sigma = c0 + c1 g".to_owned(),
            2 => "sigma = c0 + c1 g + c2 g^2".to_owned(),
            _ => "sigma = c0 + c1 g + c2 g^2 + c3 g^3".to_owned(),
        },
        keys: (0..=order)
            .map(|k| format!("programming.sigma[{k}]"))
            .collect(),
        starts: vec![start],
        refines: false,
        moments: Box::new(move |i, c| [shares[i], polynomial(c, shares[i])]),
    }
}

fn rms(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, n), v| (sum + v * v, n + 1.0));
    (sum / count).sqrt()
}

/// Devices that miss their targets on average: the law has no such term. Targets near 0, where
/// readings are cut off, are left out.
fn bias(shares: &[f64], observed: &[f64], sigma: &impl Fn(f64) -> f64) -> Option<String> {
    let far = || (0..shares.len()).filter(|&i| shares[i] > 3.0 * sigma(shares[i]));
    let weight: f64 = far().map(|i| sigma(shares[i]).powi(-2)).sum();
    let sum: f64 = far()
        .map(|i| (observed[i] - shares[i]) / sigma(shares[i]).powi(2))
        .sum();
    let (mean, error) = (sum / weight, weight.sqrt().recip());
    (mean.abs() > 3.0 * error).then(|| {
        format!(
            "devices end {:+.2} % ± {:.2} % of the range off their targets on average, which the law does not hold",
            100.0 * mean,
            100.0 * error
        )
    })
}

/// Shares of the range that the law has to be carried on to, and whether it can be.
fn gaps(shares: &[f64], sigma: &impl Fn(f64) -> f64) -> Option<String> {
    let least = shares.iter().copied().fold(1.0, f64::min);
    let most = shares.iter().copied().fold(0.0, f64::max);
    let negative = (0..=100)
        .map(|k| f64::from(k) / 100.0)
        .find(|&g| sigma(g) <= 0.0);
    if let Some(g) = negative {
        return Some(format!(
            "sigma is not above 0 at g = {g}: measure there, or ask for a lower --order"
        ));
    }
    (least > 0.15 || most < 0.85).then(|| {
        format!("measured from g = {least:.2} to {most:.2} only: the law is extrapolated beyond")
    })
}
