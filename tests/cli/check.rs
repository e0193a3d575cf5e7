//! `gradep check gradient`: what it says first, and what on demand.

use super::stdout;

#[test]
fn the_verdict_comes_first_and_refused_estimates_on_demand() {
    let line = "check gradient --samples 8 --betas 1e-4,1e-3,10 --budgets explicit:300,anderson:1e-5 \
                --precisions f32";
    let text = stdout(line);
    let first = text.lines().next().unwrap();
    assert!(
        first.starts_with("as trained, the estimate agrees with the exact gradient: ")
            && first.contains("nearest at beta 1e-"),
        "{text}"
    );
    for said in first.split("cosine ").skip(1) {
        let (cosine, _) = said.split_once(',').unwrap();
        assert!(cosine.parse::<f64>().unwrap() > 0.9999, "{first}");
        assert!(said.contains("norm off by"), "{first}");
    }
    assert!(!text.contains("refused:"), "{text}");
    assert!(
        text.contains("estimates would be refused in training"),
        "{text}"
    );
    let all = stdout(&format!("{line} --all"));
    assert!(
        all.contains("refused:") && !all.contains("--all shows them"),
        "{all}"
    );
    let is_long = |number: &str| number.chars().filter(char::is_ascii_digit).count() > 12;
    let longest = all.split_whitespace().find(|word| is_long(word));
    assert_eq!(longest, None, "{all}");
    // Everything is in the document.
    let document: serde_json::Value =
        serde_json::from_str(&stdout(&format!("{line} --json"))).unwrap();
    let rows = document["rows"].as_array().unwrap();
    // Twelve that were asked for, and the one that training uses.
    assert_eq!(rows.len(), 13);
    assert!(rows.iter().any(|row| row["refusal"].is_string()));
}
