//! Which of several laws the data ask for.

use super::{
    Candidate, FitError,
    gaussian::{Estimate, Likelihood, Undetermined},
};

/// `[mean, spread]` of the i-th observation for given parameters.
pub(super) type Moments<'a> = Box<dyn Fn(usize, &[f64]) -> [f64; 2] + 'a>;

/// A law with its parameters, over observations that it knows.
pub(super) struct Law<'a> {
    /// What it says, as a formula.
    pub(super) formula: String,
    /// Keys of the parameters in a device file.
    pub(super) keys: Vec<String>,
    /// Where searches start; the best end counts.
    pub(super) starts: Vec<Vec<f64>>,
    /// Mean and spread of an observation.
    pub(super) moments: Moments<'a>,
    /// Whether it only adds to another law what most data have not: that they do not determine it is
    /// nothing to tell.
    pub(super) refines: bool,
}

/// The law that was chosen.
pub(super) struct Chosen {
    /// Its place in the list.
    pub(super) index: usize,
    pub(super) estimate: Estimate,
    /// All laws that the data determine.
    pub(super) candidates: Vec<Candidate>,
    pub(super) warnings: Vec<String>,
}

/// Differences of AICc below this leave a law in the running (Burnham and Anderson, "Model Selection
/// and Multimodel Inference", 2002, section 2.6).
const CLOSE: f64 = 2.0;
/// Observations per parameter below which estimates are poor: a rule of thumb.
const OBSERVATIONS_PER_PARAMETER: usize = 10;
/// Correlation beyond which two parameters are known together only.
const TOGETHER: f64 = 0.98;

/// Fits all laws and takes, of those `allowed`, the one of the smallest AICc, the Akaike criterion with its
/// correction for few observations, `2k − 2 ln L + 2k(k + 1)/(n − k − 1)` (Hurvich and Tsai,
/// Biometrika 76, 297, 1989).
pub(super) fn choose(
    laws: &[Law<'_>],
    observed: &[f64],
    floor: Option<f64>,
    allowed: impl Fn(usize) -> bool,
) -> Result<Chosen, FitError> {
    let mut candidates = Vec::new();
    let mut estimates = Vec::new();
    let mut warnings = Vec::new();
    let mut refused = None;
    for (index, law) in laws.iter().enumerate() {
        match law.fit(observed, floor) {
            Ok(estimate) => {
                let parameters = law.keys.len();
                candidates.push(Candidate {
                    law: law.formula.clone(),
                    parameters,
                    log_likelihood: estimate.log_likelihood,
                    aicc: aicc(estimate.log_likelihood, parameters, observed.len()),
                });
                estimates.push((index, estimate));
            }
            Err(Undetermined(unknown)) => {
                let keys: Vec<_> = unknown.iter().map(|&k| law.keys[k].clone()).collect();
                let error = FitError::Undetermined {
                    law: law.formula.clone(),
                    keys: keys.join(", "),
                };
                if !law.refines {
                    warnings.push(format!("not considered: {error}"));
                }
                if allowed(index) {
                    refused = Some(error);
                }
            }
        }
    }
    let best = (0..candidates.len())
        .filter(|&k| allowed(estimates[k].0))
        .min_by(|&a, &b| candidates[a].aicc.total_cmp(&candidates[b].aicc));
    let Some(best) = best else {
        return Err(refused.unwrap_or(FitError::NoLaw));
    };
    let (index, estimate) = estimates.swap_remove(best);
    warnings.extend(simpler(&candidates, best));
    warnings.extend(doubts(&laws[index], &estimate, observed.len()));
    Ok(Chosen {
        index,
        estimate,
        candidates,
        warnings,
    })
}

impl Law<'_> {
    fn fit(&self, observed: &[f64], floor: Option<f64>) -> Result<Estimate, Undetermined> {
        let likelihood = Likelihood {
            observed,
            floor,
            moments: &self.moments,
        };
        let mut best: Result<Estimate, _> = Err(Undetermined((0..self.keys.len()).collect()));
        if observed.len() <= self.keys.len() + 1 {
            return best;
        }
        for start in &self.starts {
            let found = likelihood.maximise(start);
            let better = match (&found, &best) {
                (Ok(found), Ok(best)) => found.log_likelihood > best.log_likelihood,
                (Ok(found), Err(_)) => found.log_likelihood.is_finite(),
                (Err(_), Err(_)) => true,
                (Err(_), Ok(_)) => false,
            };
            if better {
                best = found;
            }
        }
        best
    }
}

fn aicc(log_likelihood: f64, parameters: usize, observations: usize) -> f64 {
    let (k, n) = (parameters as f64, observations as f64);
    2.0 * k - 2.0 * log_likelihood + 2.0 * k * (k + 1.0) / (n - k - 1.0)
}

/// A law with fewer parameters that does as well.
fn simpler(candidates: &[Candidate], best: usize) -> Option<String> {
    let chosen = &candidates[best];
    let better = candidates
        .iter()
        .filter(|other| other.parameters < chosen.parameters)
        .filter(|other| other.aicc - chosen.aicc < CLOSE)
        .min_by_key(|other| other.parameters)?;
    Some(format!(
        "a simpler law fits as well: {} (AICc {:.1} with {} parameters, against {:.1} with {})",
        better.law, better.aicc, better.parameters, chosen.aicc, chosen.parameters
    ))
}

/// What is badly known of the parameters.
fn doubts(law: &Law<'_>, estimate: &Estimate, observations: usize) -> Vec<String> {
    let mut warnings = Vec::new();
    let count = law.keys.len();
    if observations < OBSERVATIONS_PER_PARAMETER * count {
        warnings.push(format!(
            "{observations} observations for {count} parameters: too few to trust the uncertainties; take {} or more",
            OBSERVATIONS_PER_PARAMETER * count
        ));
    }
    let variance = |k: usize| estimate.covariance[(k, k)];
    for k in 0..count {
        if estimate.values[k].abs() < 2.0 * variance(k).sqrt() {
            warnings.push(format!(
                "{} is not told from 0: it is less than two standard errors",
                law.keys[k]
            ));
        }
        for j in 0..k {
            let correlation = estimate.covariance[(j, k)] / (variance(j) * variance(k)).sqrt();
            if correlation.abs() > TOGETHER {
                warnings.push(format!(
                    "{} and {} are known together only (correlation {correlation:.3}): use their covariance",
                    law.keys[j], law.keys[k]
                ));
            }
        }
    }
    warnings
}

/// Warns of tails that a normal distribution does not have: excess kurtosis of standardised residuals,
/// whose standard deviation is √(24/n) for normal ones.
pub(super) fn tails(standardised: &[f64]) -> Option<String> {
    let n = standardised.len() as f64;
    let moment = |power: i32| standardised.iter().map(|z| z.powi(power)).sum::<f64>() / n;
    let excess = moment(4) / moment(2).powi(2) - 3.0;
    (excess > 4.0 * (24.0 / n).sqrt()).then(|| {
        format!(
            "deviations have heavier tails than a normal distribution (excess kurtosis {excess:.1}): \
             standard errors are too small, and rare large errors are left out of the law"
        )
    })
}
