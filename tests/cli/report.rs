//! `gradep report`: the page as a file, and in a browser.

use super::{browser::Browser, gradep, printed, refusal};
use gradep_tests::live;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tempfile::TempDir;

/// A run whose name would be markup if nobody took care.
const NAME: &str = "<script>alert(1)<";

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/report");
    path.join(name).to_str().unwrap().to_owned()
}

/// A trained run, results of it, and its page with everything on it.
struct Made {
    folder: TempDir,
    run: PathBuf,
    page: PathBuf,
    summary: Value,
}

/// Benches at the smallest sizes, by the name of their folder.
const BENCHES: [(&str, &str); 4] = [
    ("quality", "--ratio 2 --times 0.5,1 --chips 2 --track P"),
    (
        "sweep",
        "--only programming_noise --vary array.programming_sigma=0,0.02,0.05,0.1,0.2",
    ),
    (
        "sensitivity",
        "-s chip.only=offset,gain -s activation.offset.spread=2mV",
    ),
    (
        "tolerance",
        "--only programming_noise --key array.programming_sigma --between 0 0.2 --steps-between 4",
    ),
];
/// What the studies of chips have in common.
const STUDY: &str =
    "-s device=generic --ratio 1 --presettle 1tau --at 0.5 --track P --time-step 2 --chips 2";

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join(NAME);
        let page = folder.path().join("report.html");
        let mut train = gradep();
        train.args(["train", "--quiet", "--out"]).arg(&run);
        for setting in [
            "network.layers=[64,16,16]",
            "flow.batch=256",
            "training.epochs=10",
        ] {
            train.args(["-s", setting]);
        }
        train.assert().success();
        let mut report = gradep();
        report.args(["report", "--quiet", "--json"]).arg(&run);
        for (bench, options) in BENCHES {
            let out = folder.path().join(bench);
            let mut command = gradep();
            command.args(["bench", bench, "--chip", "D3", "-n", "12", "--quiet"]);
            command.args(options.split(' '));
            if bench != "quality" {
                command.args(STUDY.split(' '));
            }
            command.arg("--run").arg(&run).arg("--out").arg(&out);
            command.assert().success();
            report.arg("--bench").arg(&out);
        }
        report.args([
            "--chip",
            "D3-PCM",
            "-s",
            "array.stuck_off=0.02",
            "-s",
            "array.stuck=true",
            "-o",
        ]);
        let output = report.arg(&page).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        Made {
            summary: serde_json::from_slice(&output.stdout).unwrap(),
            folder,
            run,
            page,
        }
    })
}

#[test]
fn the_page_is_small_loads_nothing_and_can_be_read_without_scripts() {
    let made = made();
    let page = fs::read_to_string(&made.page).unwrap();
    assert_eq!(made.summary["bytes"], page.len());
    // A limit for this small run; the contract is 20 MB for any.
    assert!(page.len() < 3_000_000, "{}", page.len());
    for load in [
        "http://",
        "https://",
        "url(",
        "@import",
        " src=\"//",
        "<link rel=\"stylesheet\"",
    ] {
        assert!(!page.contains(load), "{load}");
    }
    assert!(page.contains("default-src 'none'"));
    // The name of the run is text wherever it stands.
    assert!(!page.contains("<script>alert"), "a name became markup");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;"));

    let still = without_scripts(&page);
    for figure in ["best-time", "best-energy", "worst"] {
        assert!(still.contains(&format!("id=\"{figure}\"")), "{figure}");
    }
    for text in [
        "D3 free, r = 2",
        "Fréchet distance in features",
        "activation.offset",
        "array.programming_sigma",
        "Mixture of 20 normals",
        "Settings on the fronts",
        "Half of the chips bear",
        "weight_0",
        "settled after", // noisy chips settle to their noise floor
    ] {
        assert!(still.contains(text), "{text}");
    }
    // Quality 2, fronts 2, sweep 4, ranking 3, tolerance 1, relaxation 3, loss 1.
    assert!(still.matches("<svg").count() >= 16);
    assert!(still.matches("data:image/png").count() >= 3);
    for table in [
        "quality.csv",
        "sweep.csv",
        "sensitivity-2.csv",
        "tolerance-3.csv",
    ] {
        assert!(still.contains(&format!("download=\"{table}\"")), "{table}");
    }
    assert!(!still.contains(">fd_features"), "a key in place of words");
}

/// What a reader has whose browser runs no scripts.
fn without_scripts(page: &str) -> String {
    let mut parts = page.split("<script");
    let mut still = parts.next().unwrap().to_owned();
    for part in parts {
        still.push_str(part.split_once("</script>").unwrap().1);
    }
    still
}

#[test]
fn the_summary_says_best_time_energy_and_worst() {
    let made = made();
    let summary = &made.summary;
    let read = |bench: &str, file: &str| -> Value {
        let text = fs::read_to_string(made.folder.path().join(bench).join(file)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let quality = read("quality", "quality.json");
    let bands = quality["bands"].as_array().unwrap();
    let best = &summary["best"];
    let band = bands
        .iter()
        .find(|band| band["label"] == best["band"])
        .unwrap();
    let points = band["points"].as_array().unwrap();
    let point = points
        .iter()
        .find(|point| point["flow_time"] == best["flow_time"])
        .unwrap();
    assert_eq!(
        (&best["seconds"], &best["joules"]),
        (&point["seconds"], &point["joules"])
    );
    assert_eq!(best["value"], point["metrics"]["fd_features"]["mean"]);
    assert!(best["seconds"].as_f64().unwrap() > 0.0);
    let ranking = &read("sensitivity", "sweep.json")["ranking"];
    assert_eq!(summary["worst"]["parameter"], ranking[0]["key"]);
    assert_eq!(
        (&summary["missing"], &summary["warnings"]),
        (&json!([]), &json!([]))
    );
}

/// Results of another model than the run: the page begins with that.
#[test]
fn results_of_another_model_are_told_first() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let mut command = gradep();
    command
        .args(["report", "--quiet", "--json"])
        .arg(&made().run);
    command
        .args(["--bench", &fixture("quality"), "-o"])
        .arg(&page);
    let output = command.output().unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let warning = summary["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("quality.json is not of") && warning.contains("run (0d662398c379)"),
        "{warning}"
    );
    let page = fs::read_to_string(&page).unwrap();
    let (box_at, cards) = (page.find("id=\"warnings\""), page.find("id=\"best-time\""));
    assert!(box_at.is_some() && box_at < cards);
}

#[test]
fn results_alone_make_a_page_and_a_run_alone_says_what_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("sweep.html");
    let out = page.display();
    let text = printed(&format!("report {} -o {out}", fixture("sweep")));
    assert!(text.contains("array.programming_sigma = 0.02"), "{text}");
    assert!(text.contains("give the run to `gradep report`"), "{text}");
    assert!(
        fs::read_to_string(&page)
            .unwrap()
            .contains("What non-idealities cost")
    );

    let mut command = gradep();
    command.arg("report").arg(&made().run);
    let output = command.arg("-o").arg(&page).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("gradep bench quality --run '"), "{text}");
    assert!(text.contains("gradep bench sensitivity --run '"), "{text}");
}

/// Every hint is run as it stands, by a shell, with fewer samples; what they leave is all on the next page.
#[cfg(unix)]
#[test]
fn hints_run_and_lead_to_a_page_without_hints() {
    let folder = tempfile::tempdir().unwrap();
    let program = assert_cmd::cargo::cargo_bin!("gradep");
    let shell = |line: &str| {
        let path = format!(
            "{}:{}",
            program.parent().unwrap().display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let mut command = std::process::Command::new("sh");
        command.args(["-c", line]).current_dir(folder.path());
        let output = command.env("PATH", path).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let run = made().run.display().to_string().replace('\'', r"'\''");
    let text = shell(&format!(
        "gradep report '{run}' --quiet --json -o page.html"
    ));
    let summary: Value = serde_json::from_str(&text).unwrap();
    let missing = summary["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 2);
    for (missing, fewer) in missing.iter().zip([
        "-n 20 --times 0.5",
        "-n 10 --chips 1 --at 0.1 --ratio 1 --time-step 4",
    ]) {
        let command = missing["command"].as_str().unwrap();
        shell(&format!("{command} {fewer} --quiet"));
    }
    // As it was given, quiet and in JSON.
    let text = shell(summary["then"].as_str().unwrap());
    let summary: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(summary["missing"], json!([]));
    assert_eq!(summary["then"], Value::Null);
    assert_eq!(summary["warnings"], json!([]));
    assert_eq!(summary["best"]["flow_time"], 0.5);
}

#[test]
fn what_is_no_source_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let root = folder.path().join(name);
        fs::create_dir(&root).unwrap();
        fs::write(root.join("quality.json"), text).unwrap();
    };
    fs::create_dir(folder.path().join("empty")).unwrap();
    write("other", r#"{"schema": "gradep-quality-9"}"#);
    write("cut", r#"{"schema": "gradep-quality-1", "bands": ["#);
    write("wrong", r#"{"schema": "gradep-quality-1", "bands": 3}"#);
    write("bare", r#"{"schema": "gradep-quality-1"}"#);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let out = at("page.html");
    for (line, parts) in [
        (
            at("empty"),
            vec!["empty", "neither a run directory", "quality.json"],
        ),
        (at("nowhere"), vec!["nowhere"]),
        (
            at("other"),
            vec!["quality.json", "gradep-quality-9", "gradep-quality-1"],
        ),
        (at("cut"), vec!["quality.json", "line 1"]),
        (at("wrong"), vec!["quality.json", "integer `3`"]),
        (
            format!("{} --bench {}", fixture("sweep"), at("empty")),
            vec!["empty", "no results"],
        ),
        (format!("{} --chip D9", fixture("sweep")), vec!["D9"]),
        (
            at("bare"),
            vec!["quality.json", "missing field", "run its command again"],
        ),
        (
            format!("{} --bench {} -s a=1", fixture("sweep"), fixture("quality")),
            vec!["--chip"],
        ),
    ] {
        let message = refusal(&format!("report {line} -o {out} --quiet"));
        for part in parts {
            assert!(message.contains(part), "{line}: {message} lacks {part}");
        }
        assert!(!Path::new(&out).exists(), "{line}");
    }
    assert!(refusal(&format!("report {} -o page.pdf", fixture("sweep"))).contains(".html"));
}

#[test]
fn the_page_works_in_a_browser() {
    let browser = Browser::start();
    live::is_here("chromium", browser.is_some());
    let Some(mut browser) = browser else {
        return;
    };
    let page = &made().page;
    browser.open(page);
    assert_eq!(
        browser.evaluate("document.documentElement.dataset.ready"),
        "yes"
    );
    sliders_move(&mut browser);
    tables_sort_and_filter(&mut browser);
    charts_follow_choices_and_keys(&mut browser);
    browser.picture("light");
    dark_is_dark(&mut browser);
    browser.picture("dark");
    assert_eq!(
        browser.evaluate(
            "document.querySelectorAll('script[src], link[rel=stylesheet], iframe').length"
        ),
        0
    );
    // The page itself is the one thing that was asked for; what lies inside it is no request.
    let requests = browser.requests();
    let outside: Vec<_> = requests
        .iter()
        .filter(|url| !url.starts_with("data:"))
        .collect();
    assert_eq!(outside.len(), 1, "{outside:?}");
    assert!(outside[0].starts_with("file://"), "{outside:?}");
    assert_eq!(browser.complaints(), Vec::<&Value>::new());
}

fn sliders_move(browser: &mut Browser) {
    let text = |browser: &mut Browser, kind: &str, role: &str| {
        let at =
            format!("document.querySelector('[data-kind={kind}] [data-role={role}]').textContent");
        browser.evaluate(&at).as_str().unwrap().to_owned()
    };
    let pixels = "document.querySelector('[data-kind=samples] canvas').toDataURL()";
    for (kind, role) in [("relaxation", "time"), ("samples", "frame")] {
        let focus =
            format!("document.querySelector('[data-kind={kind}] input[data-role={role}]').focus()");
        browser.evaluate(&focus);
        let output = format!("{role}-text");
        let (text_before, picture_before) =
            (text(browser, kind, &output), browser.evaluate(pixels));
        browser.press("ArrowRight", 39);
        assert_ne!(text(browser, kind, &output), text_before, "{kind}");
        if kind == "samples" {
            assert_ne!(browser.evaluate(pixels), picture_before);
        }
        let readout = text(browser, kind, "readout");
        assert!(readout.contains("sample 0"), "{readout}");
    }
    let end = "(() => { const s = document.querySelector('[data-kind=relaxation] input[type=range]'); s.value = s.max; s.dispatchEvent(new Event('input')); return s.max; })()";
    assert_eq!(browser.evaluate(end), "300");
    assert!(text(browser, "relaxation", "time-text").ends_with("= 30 τ"));
}

fn tables_sort_and_filter(browser: &mut Browser) {
    let column = "[...document.querySelectorAll('#sweeps [data-kind=table] caption')].find((c) => c.textContent.startsWith('Median')).closest('table')";
    let values = format!(
        "[...{column}.tBodies[0].rows].filter((r) => !r.hidden).map((r) => r.cells[2].dataset.value).join(' ')"
    );
    let click = format!("{column}.querySelectorAll('thead button')[2].focus()");
    browser.evaluate(&click);
    browser.press("Enter", 13);
    let upwards = browser.evaluate(&values).as_str().unwrap().to_owned();
    let state = format!("{column}.querySelectorAll('thead th')[2].getAttribute('aria-sort')");
    assert_eq!(browser.evaluate(&state), "ascending");
    let numbers: Vec<f64> = upwards.split(' ').map(|v| v.parse().unwrap()).collect();
    assert!(numbers.len() == 5 && numbers.is_sorted(), "{upwards}");
    browser.press("Enter", 13);
    let downwards = browser.evaluate(&values).as_str().unwrap().to_owned();
    assert!(
        downwards.split(' ').rev().eq(upwards.split(' ')),
        "{downwards}"
    );
    let filter = "(() => { const f = document.querySelector('#sweeps input[type=search]'); f.value = '0.05'; f.dispatchEvent(new Event('input')); return document.querySelector('#sweeps [data-role=count]').textContent; })()";
    assert!(
        browser
            .evaluate(filter)
            .as_str()
            .unwrap()
            .ends_with("of 5 rows")
    );
    assert!(
        browser
            .evaluate(&values)
            .as_str()
            .unwrap()
            .split(' ')
            .count()
            < 5
    );
}

fn charts_follow_choices_and_keys(browser: &mut Browser) {
    let choose = "(() => { const root = document.querySelector('[data-kind=quality]'); const axis = root.querySelector('[data-role=axis]'); axis.value = 'joules'; axis.dispatchEvent(new Event('change')); const chart = root.querySelector('svg'); chart.focus(); return chart.getAttribute('aria-label'); })()";
    let label = browser.evaluate(choose);
    assert!(
        label
            .as_str()
            .unwrap()
            .ends_with("against energy per sample"),
        "{label}"
    );
    browser.press("ArrowRight", 39);
    let readout = browser
        .evaluate("document.querySelector('[data-kind=quality] [data-role=readout]').textContent");
    let readout = readout.as_str().unwrap();
    // The leftmost point of the leftmost curve, with band, number of curves and N.
    for part in ["N = 12", "D3 free, r = 2", "2 curves", "nJ", "coverage"] {
        assert!(readout.contains(part), "{readout} lacks {part}");
    }
    let map = "(() => { const c = document.querySelector('[data-kind=conductances] canvas'); c.focus(); return [c.width, c.height].join(); })()";
    assert_ne!(browser.evaluate(map), "300,150");
    browser.press("ArrowDown", 40);
    browser.press("ArrowRight", 39);
    let readout = browser.evaluate(
        "document.querySelector('[data-kind=conductances] [data-role=readout]').textContent",
    );
    let readout = readout.as_str().unwrap();
    assert!(
        readout.contains("row 1 (h1_1), column 1 (x_1)") && readout.contains("µS"),
        "{readout}"
    );
    let views = "[...document.querySelectorAll('[data-kind=conductances] [data-role=view] option')].map((o) => { const s = o.parentElement; s.value = o.value; s.dispatchEvent(new Event('change')); return s.closest('[data-kind]').querySelector('[data-role=low]').textContent; }).join('|')";
    let scales = browser.evaluate(views);
    let scales: Vec<&str> = scales.as_str().unwrap().split('|').collect();
    assert_eq!(scales.len(), 5);
    assert!(
        !scales[0].starts_with('−') && scales[2].starts_with('−'),
        "{scales:?}"
    );
}

fn dark_is_dark(browser: &mut Browser) {
    let ground = "getComputedStyle(document.body).backgroundColor";
    assert_eq!(browser.evaluate(ground), "rgb(255, 255, 255)");
    let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    browser.call("Emulation.setEmulatedMedia", dark);
    assert_eq!(browser.evaluate(ground), "rgb(20, 23, 26)");
    assert_eq!(
        browser.evaluate("getComputedStyle(document.body).color"),
        "rgb(236, 236, 236)"
    );
}
