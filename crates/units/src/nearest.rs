//! The name that was probably meant.

/// Longer names are near to none: the distance costs the product of two lengths, and the longest key of this
/// program has 36 characters.
const LONGEST: usize = 100;

/// The candidate most similar to `name`, if any is similar enough to be what was meant.
///
/// Whole keys are compared, and last parts: `beta` is near `nudge.beta`. Similarity is the
/// normalised Damerau–Levenshtein distance; below 0.6 a suggestion is more often wrong than right.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if name.len() > LONGEST {
        return None;
    }
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let similarity = |candidate: &str| {
        let whole = strsim::normalized_damerau_levenshtein(name, candidate);
        let tail = strsim::normalized_damerau_levenshtein(&last(name), &last(candidate));
        whole.max(0.95 * tail)
    };
    candidates
        .into_iter()
        .map(|candidate| (similarity(candidate), candidate))
        .filter(|(score, _)| *score >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}
