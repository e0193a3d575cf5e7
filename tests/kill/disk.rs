//! Disks that are really full or read-only: small file systems in memory, where they can be mounted.

use super::{
    go_on, prepare,
    scenario::{SCENARIOS, Scenario},
    strace::gradep,
    tree,
};
use gradep_tests::live;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Bytes that a full disk has left.
const ROOM: [u64; 3] = [4096, 65_536, 262_144];

/// A file system in memory; it goes with this.
struct Disk(PathBuf);

impl Disk {
    fn of(place: &Path, bytes: u64) -> Option<Self> {
        std::fs::create_dir_all(place).unwrap();
        let options = format!("size={bytes}");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(place)
            .output();
        mount
            .is_ok_and(|output| output.status.success())
            .then(|| Self(place.to_owned()))
    }

    fn remount(&self, options: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.0)
            .status()
            .unwrap();
        assert!(status.success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Whether small file systems can be had; says so where they cannot.
fn can_mount() -> bool {
    let room = tempfile::tempdir().unwrap();
    let can = Disk::of(&room.path().join("disk"), 4096).is_some();
    if !can {
        eprintln!("skipped: no file system can be mounted here (it takes root)");
    }
    can
}

/// What a command says and leaves on a disk that fails, and how it ends when the disk is mended.
fn try_disk(scenario: &Scenario, prepared: &super::Prepared, room: Option<u64>) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("disk");
    let disk = Disk::of(&place, 64 << 20).unwrap();
    tree::copy(&prepared.before, &place);
    match room {
        Some(bytes) => disk.remount(&format!("size={}", tree::bytes(&place) + bytes)),
        None => disk.remount("ro"),
    }
    let output = gradep(&place, &scenario.command());
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let name = scenario.name;
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{name}, {room:?}: {output:?}"
    );
    if !output.status.success() {
        let cause = if room.is_some() {
            "No space left"
        } else {
            "Read-only file system"
        };
        assert!(words.contains(cause), "{name}, {room:?}: {words}");
    }
    assert!(!words.contains("panicked"), "{name}, {room:?}: {words}");
    assert_eq!(
        tree::leftovers(&place),
        Vec::<PathBuf>::new(),
        "{name}, {room:?}"
    );
    tree::is_whole(&place, &prepared.before, &prepared.after)
        .unwrap_or_else(|why| panic!("{name}, {room:?}: {why}"));
    disk.remount(if room.is_some() { "size=64m" } else { "rw" });
    go_on(scenario, &place).unwrap_or_else(|why| panic!("{name}, {room:?}: {why}"));
    assert_eq!(
        tree::differences(&place, &prepared.after),
        Vec::<String>::new(),
        "{name}, {room:?}"
    );
}

fn try_disks(every: usize) {
    if !(live::has_strace() && can_mount()) {
        return;
    }
    for scenario in SCENARIOS.iter().step_by(every) {
        let prepared = prepare(scenario);
        for room in ROOM.map(Some).into_iter().chain([None]) {
            try_disk(scenario, &prepared, room);
        }
    }
}

#[test]
fn some_full_and_read_only_disks_lose_nothing() {
    try_disks(6);
}

#[test]
#[ignore = "a minute: cargo test --workspace --test kill -- --ignored disks"]
fn full_and_read_only_disks_lose_nothing() {
    try_disks(1);
}
