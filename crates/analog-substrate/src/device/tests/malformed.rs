use super::super::{Device, DeviceError};

/// A shipped file with one change has to be refused, in one line that names the file.
fn refused(good: &str, from: &str, to: &str) -> String {
    assert!(good.contains(from), "{from}");
    let error = Device::parse(&good.replacen(from, to, 1), "my.toml").expect_err(to);
    let message = error.to_string();
    assert!(message.starts_with("my.toml: "), "{message}");
    assert!(!message.contains('\n'), "{message}");
    message
}

#[test]
fn malformed_files_are_refused() {
    let good = include_str!("../../../hw-specs/devices/pcm.toml");
    for (from, to) in [
        ("max = \"25 uS\"", "max = \"25 V\""),
        ("max = \"25 uS\"", "max = 25"),
        ("max = \"25 uS\"", "max = \"0 S\""),
        ("max = \"25 uS\"", "max = \"nan S\""),
        ("max = \"25 uS\"", "maximum = \"25 uS\""),
        ("min = \"0 S\"", "min = \"-1 uS\""),
        ("start = \"20 s\"", "start = \"0 s\""),
        ("time = \"250 ns\"", "time = \"-250 ns\""),
        ("log = -0.0155", "log = nan"),
        ("clip = [0.049, 0.1]", "clip = [0.1, 0.049]"),
        (", clip = [0.0, 0.2]", ""),
        ("evidence = \"fitted\"", "evidence = \"guessed\""),
        ("mean = [{ log", "mean = [{ below = 0.5, log"),
        (
            "mean = [{ log = -0.0155, polynomial = [0.0244], clip = [0.049, 0.1] }]",
            "mean = []",
        ),
        ("alternative = \"pcm-joshi\"", "levels = 1"),
    ] {
        refused(good, from, to);
    }
    let error = Device::load("pcn").expect_err("no such device").to_string();
    assert!(error.contains("did you mean `pcm`"), "{error}");
}

/// Text that would be more than a line wherever it is shown.
#[test]
fn texts_of_more_than_a_printable_line_are_refused() {
    let good = include_str!("../../../hw-specs/devices/capacitor-14nm.toml");
    for (key, from, to) in [
        ("name", "name = \"", "name = \"a\\n.control"),
        ("summary", "summary = \"", "summary = \"\\u001b[2J"),
        ("sources", "sources = [", "sources = [\"\\u202eexe\", "),
        (
            "leaves_out",
            "leaves_out = [",
            "leaves_out = [\"\\u009b\", ",
        ),
        ("provenance.", "source = \"", "source = \"\\r"),
    ] {
        let message = refused(good, from, to);
        assert!(
            message.contains(key) && message.contains("holds the character"),
            "{message}"
        );
        assert!(!message.contains(char::is_control), "{message:?}");
    }
}

/// A standard deviation that turns negative is no standard deviation.
#[test]
fn a_negative_sigma_within_the_validity_range_is_refused() {
    let good = include_str!("../../../hw-specs/devices/pcm.toml");
    for (from, to) in [
        ("\"-1.1731 uS\"", "\"-2.5 uS\""),
        ("\"0.26348 uS\"", "\"-0.001 uS\""),
        (
            "log = -0.0125, polynomial = [-0.0059], clip = [0.008, 0.045]",
            "polynomial = [0.1, -0.2]",
        ),
        ("clip = [0.0, 0.2]", "clip = [-0.1, -0.05]"),
    ] {
        let message = refused(good, from, to);
        assert!(message.contains("no negative value"), "{message}");
    }
}

#[test]
fn sections_that_contradict_each_other_are_refused() {
    let pcm = include_str!("../../../hw-specs/devices/pcm.toml");
    let sonos = include_str!("../../../hw-specs/devices/sonos.toml");
    let ecram = include_str!("../../../hw-specs/devices/ecram.toml");
    let capacitor = include_str!("../../../hw-specs/devices/capacitor-14nm.toml");
    let milo = include_str!("../../../hw-specs/devices/reram-milo.toml");
    let cmo = include_str!("../../../hw-specs/devices/reram-cmo.toml");
    for (good, from, to) in [
        (
            pcm,
            "[read]",
            "[leak]\ntime = \"1 s\"\nrest = \"0 S\"\n[read]",
        ),
        (pcm, "share = [0.0, 1.0]", "share = [0.1, 1.0]"),
        (pcm, "share = [0.0, 1.0]", "share = [0.0, 0.9]"),
        (pcm, "time = [\"20 s\",", "time = [\"-1 s\","),
        (pcm, "conductance = \"target\"", "conductance = \"past\""),
        (pcm, "voltage = \"0.3 V\"", "voltage = \"0 V\""),
        (pcm, "share = 0.1\nvalue", "share = 1.1\nvalue"),
        (pcm, "value = \"0.448 uS\"", "value = \"0.448 s\""),
        (pcm, "drift = { evidence", "drifts = { evidence"),
        (pcm, "time = \"150 ns\"", "time = \"0 s\""),
        (sonos, "interpolate = true", "interpolate = false"),
        (sonos, "at = \"172800 s\"", "at = \"100 s\""),
        (sonos, "scale = \"1.763115 uS\"", "scale = \"0 S\""),
        (
            sonos,
            "amplitude = \"0.1988665 uS\"",
            "amplitude = \"-0.1988665 uS\"",
        ),
        (
            sonos,
            "sigma = { amplitude = \"0.1988665 uS\", scale = \"1.763115 uS\" }",
            "sigma = 3",
        ),
        (ecram, "count = 1020", "count = 0"),
        (ecram, "up = 0.200754433", "up = -1.0"),
        (ecram, "cycle = \"0.03 %\"", "cycle = \"101 %\""),
        (
            ecram,
            "curvature =",
            "label = { up = 1.0, down = 1.0 }\ncurvature =",
        ),
        (ecram, "[conductance]", "levels = 4\n[conductance]"),
        (capacitor, "rest = \"12 uS\"", "rest = \"21 uS\""),
        (capacitor, "spread = \"30 %\"", "spread = \"-30 %\""),
        (milo, "fitted = [0.2777777778,", "fitted = [0.0,"),
        (
            cmo,
            "start_sd = \"0.41183342 uS\"",
            "start_sd = \"-0.1 uS\"",
        ),
        (cmo, "time = [\"1 s\",", "time = [\"0 s\","),
        (cmo, "relative_to = \"1 uS\"", "relative_to = \"0 S\""),
    ] {
        refused(good, from, to);
    }
}

#[test]
fn a_golden_value_that_does_not_hold_is_an_error() {
    let good = include_str!("../../../hw-specs/devices/pcm.toml");
    let other = good.replacen("value = \"0.448 uS\"", "value = \"0.5 uS\"", 1);
    let device = Device::parse(&other, "my.toml").expect("a device");
    let error = device.check().expect_err("0.448 is not 0.5");
    assert!(matches!(error, DeviceError::Golden { .. }), "{error}");
}
