//! Options that do nothing are told of, and no others.

use super::*;

/// What is said of a command line.
fn said(line: &str) -> Vec<String> {
    let words = std::iter::once("gradep").chain(line.split_whitespace());
    let matches = Cli::command().try_get_matches_from(words).expect(line);
    let cli = Cli::from_arg_matches(&matches).expect(line);
    unused_options(&matches, &cli.command)
}

#[test]
fn an_option_that_does_nothing_is_named_with_the_reason() {
    let sample = "sample m.safetensors --out s.npz --chip D3";
    let quality = "bench quality --run m.safetensors";
    let study = "bench sensitivity --run m.safetensors --chip D3";
    let relax = "relax --model m.safetensors --anchor x.npy --out s.npz";
    let gradient = "gradient --model m.safetensors --anchor x.npy --velocity u.npy --out g.npz";
    for (line, options) in [
        (
            format!("{sample} --mode free --settle 3tau --warm"),
            &["settle", "warm"][..],
        ),
        (
            format!("{sample} --mode stepped --presettle 3tau"),
            &["presettle"],
        ),
        (format!("{sample} --mode clamped --settle 3tau --warm"), &[]),
        (format!("{sample} --mode free --presettle 3tau"), &[]),
        (format!("{quality} --chip D3 --settle 3tau"), &["settle"]),
        (
            format!("{quality} --chip D3 --mode stepped --ratio 3"),
            &["ratio"],
        ),
        (
            format!("{quality} --chip D3 --mode stepped,free --ratio 3 --settle 3tau"),
            &[],
        ),
        (format!("{quality} --chip D3 --steps 3"), &["steps"]),
        (
            format!("{sample} --step 0.1 --method heun --stop-below 0.3"),
            &["step", "method", "stop-below"],
        ),
        (format!("{sample} --mode stepped --step 0.1"), &[]),
        (format!("{study} --warm"), &["warm"]),
        (
            format!("{study} --mode clamped --presettle 2tau"),
            &["presettle"],
        ),
        (
            format!("{relax} --chip D3 --solver block --max-sweeps 3"),
            &["solver", "max-sweeps"],
        ),
        (format!("{relax} --chip D3 --spring 3"), &[]),
        (
            format!("{relax} --chip D3 --spring 3 --clamped"),
            &["spring"],
        ),
        (format!("{relax} --steps 30"), &["steps"]),
        (
            format!("{relax} --solver explicit --steps 30 --step-size 0.01"),
            &[],
        ),
        (
            format!("{gradient} --nudge quadratic --linear-range 1"),
            &["linear-range"],
        ),
        (
            format!("{gradient} --linear-range 1 --nudged-tolerance 1e-3"),
            &[],
        ),
    ] {
        let mut found = said(&line);
        found.sort_unstable();
        let mut expected: Vec<String> = options
            .iter()
            .map(|name| format!("--{name} does nothing: "))
            .collect();
        expected.sort_unstable();
        assert_eq!(found.len(), expected.len(), "{line}: {found:?}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!(found.starts_with(expected), "{line}: {found}");
        }
    }
}
