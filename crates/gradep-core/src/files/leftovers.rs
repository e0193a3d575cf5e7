//! Temporary files that killed processes left behind.

use std::{
    collections::HashSet,
    ffi::{OsStr, OsString},
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// How the names of this program's temporary files end.
pub(super) const SUFFIX: &str = ".gradep-tmp";

/// How the name of a temporary file for `name` begins.
pub(super) fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

/// Whether a name is that of a temporary file of this program.
pub fn is_leftover(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") && name.ends_with(SUFFIX.as_bytes())
}

/// Does `work` while no thread of this process looks for leftovers: a temporary file without its lock yet looks like one.
pub(super) fn apart<T>(work: impl FnOnce() -> T) -> T {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// Removes what killed processes left in `folder`, when it is asked for the first time in this process: a
/// folder of many files is listed once. Files whose writer lives are locked and stay; what cannot be
/// removed stays as well, since nothing depends on it.
pub(super) fn remove_once(folder: &Path) {
    static SEEN: Mutex<Option<HashSet<PathBuf>>> = Mutex::new(None);
    let Ok(folder) = fs::canonicalize(folder) else {
        return;
    };
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.get_or_insert_default().insert(folder.clone()) {
        drop(seen);
        apart(|| remove(&folder));
    }
}

fn remove(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    for name in names.filter(|name| is_leftover(name)) {
        let path = folder.join(name);
        if !is_held(&path) {
            fs::remove_file(&path).ok();
        }
    }
}

/// Whether a living process writes a file, as far as can be told.
fn is_held(path: &Path) -> bool {
    match File::open(path).map(|file| file.try_lock()) {
        Ok(Ok(())) => false,
        Ok(Err(TryLockError::WouldBlock | TryLockError::Error(_))) | Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{check_writable, write_atomically};
    use std::io::Write as _;

    /// The first to finish in a folder looks for leftovers while others begin to write there.
    #[test]
    fn threads_that_write_into_a_new_folder_leave_each_other_alone() {
        for _ in 0..50 {
            let folder = tempfile::tempdir().unwrap();
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    let path = folder.path().join("a.json");
                    scope.spawn(move || {
                        write_atomically(&path, |file| file.write_all(b"{}")).unwrap();
                    });
                }
            });
        }
    }

    #[test]
    fn what_a_killed_process_left_goes_and_what_a_living_one_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (killed, living) = (at(".a.npz.x1Y2z3.gradep-tmp"), at(".b.x1Y2z3.gradep-tmp"));
        fs::write(&killed, "half").unwrap();
        let held = File::create(&living).unwrap();
        held.lock().unwrap();
        fs::write(at(".b.tmp"), "of another program").unwrap();
        assert!(is_leftover(killed.file_name().unwrap()));
        assert!(!is_leftover(OsStr::new(".b.tmp")) && !is_leftover(OsStr::new("a.gradep-tmp")));
        check_writable(&at("a.npz")).unwrap();
        assert!(!killed.exists() && living.exists() && at(".b.tmp").exists());
        write_atomically(&at("a.npz"), |file| file.write_all(b"whole")).unwrap();
        assert!(living.exists());
    }
}
