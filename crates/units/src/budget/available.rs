//! How much memory there is.

use std::fs;

/// What is assumed where the system does not say: half of what a small machine of today has.
const ASSUMED: u64 = 4 << 30;

/// Memory that this process may still take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Available {
    /// In bytes.
    pub bytes: u64,
    /// What says so.
    pub source: &'static str,
}

/// The least of what the machine has free, what the control group allows and what the process may map. On
/// Linux these are `MemAvailable` of `/proc/meminfo`, `memory.max` of the group (version 2) less what it holds
/// and cannot give back, and the limit of the address space (`ulimit -v`) less what is mapped. Elsewhere
/// 4 GiB are assumed.
pub fn available() -> Available {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let status = read("/proc/self/status");
    let known = [
        (
            field(&read("/proc/meminfo"), "MemAvailable:").map(|kib| kib << 10),
            "MemAvailable of /proc/meminfo",
        ),
        (
            group_left(
                &read("/sys/fs/cgroup/memory.max"),
                &read("/sys/fs/cgroup/memory.stat"),
            ),
            "memory.max of the control group",
        ),
        (
            address_space_left(&read("/proc/self/limits"), &status),
            "the limit of the address space, ulimit -v",
        ),
    ];
    let least = known
        .into_iter()
        .filter_map(|(bytes, source)| bytes.map(|bytes| Available { bytes, source }))
        .min_by_key(|available| available.bytes);
    least.unwrap_or(Available {
        bytes: ASSUMED,
        source: "assumed, since the system does not say",
    })
}

/// The number behind a name at the beginning of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// What the limit of a control group leaves beside its anonymous memory, which cannot be given back.
fn group_left(max: &str, stat: &str) -> Option<u64> {
    let most: u64 = max.trim().parse().ok()?;
    Some(most.saturating_sub(field(stat, "anon ").unwrap_or(0)))
}

/// What the soft limit of the address space leaves beside what is mapped.
fn address_space_left(limits: &str, status: &str) -> Option<u64> {
    let most = field(limits, "Max address space")?;
    Some(most.saturating_sub(field(status, "VmSize:")? << 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_of_the_limits_holds() {
        let limits = "Limit  Soft  Hard  Units\nMax address space         4096000000           unlimited            bytes\n";
        let status = "Name:\tx\nVmSize:\t  1000 kB\n";
        assert_eq!(
            address_space_left(limits, status),
            Some(4_096_000_000 - (1000 << 10))
        );
        let none = "Max address space         unlimited            unlimited            bytes\n";
        assert_eq!(address_space_left(none, status), None);
        assert_eq!(group_left("max\n", "anon 5\n"), None);
        assert_eq!(group_left("100\n", "anon 30\nfile 60\n"), Some(70));
        assert_eq!(group_left("", ""), None);
        let meminfo = "MemTotal:  10 kB\nMemAvailable:    7 kB\n";
        assert_eq!(field(meminfo, "MemAvailable:"), Some(7));
    }

    #[test]
    fn a_machine_that_runs_this_has_some_memory() {
        let Available { bytes, source } = available();
        assert!(bytes > 1 << 20, "{bytes} {source}");
    }
}
