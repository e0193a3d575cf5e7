//! Files appear whole or not at all.

use super::leftovers;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Replaces `path` by what `write` produces, or leaves it as it was.
///
/// The bytes go to a temporary file in the same folder, are flushed to the disk (fsync) and then
/// renamed; a rename within one folder is atomic (POSIX `rename`), so a reader, a full disk or a
/// killed process never leaves half a file under the final name. Where `write` fails the temporary
/// file is removed and its error returned. What killed processes left in the folder is removed the first time
/// that this process writes there. A symbolic link stays: what it points to is replaced.
///
/// # Errors
/// Those of `write` and of the file system; [`io::ErrorKind::InvalidInput`] where `path` names
/// something that is not a regular file (a folder, a device).
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let target = behind_links(path)?;
    let (file, temporary) = temporary_beside(&target)?.into_parts();
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    writer.flush()?;
    writer.get_ref().sync_all()?;
    temporary.persist(&target).map_err(|failed| failed.error)?;
    drop(writer);
    sync_folder(folder_of(&target))?;
    leftovers::remove_once(folder_of(&target));
    Ok(())
}

/// Whether [`write_atomically`] can write `path`, to be asked before the work whose result goes there;
/// nothing is left behind. A disk can still fill up afterwards.
///
/// # Errors
/// As [`write_atomically`].
pub fn check_writable(path: &Path) -> io::Result<()> {
    let target = behind_links(path)?;
    // The answer of a killed process is a leftover, too.
    leftovers::remove_once(folder_of(&target));
    temporary_beside(&target)?.close()
}

/// Makes a folder with all that lead to it, durably: a new name is on the disk once its parent is.
///
/// # Errors
/// Those of the file system.
pub fn make_folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    make_folder(folder_of(path))?;
    match fs::create_dir(path) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(folder_of(path)),
    }
}

/// Puts the names in a folder on the disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Links that may lead from a name to a file; as Linux allows (path_resolution(7)).
const LINKS: usize = 40;

/// What a name stands for once symbolic links are followed, whether or not it is there.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        if !path.is_symlink() {
            return Ok(path);
        }
        path = folder_of(&path).join(fs::read_link(&path)?);
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "leads through a circle of symbolic links",
    ))
}

/// A temporary file that can be renamed to `path`, locked as long as its writer lives.
fn temporary_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    if fs::metadata(path).is_ok_and(|existing| !existing.is_file()) {
        // A rename would replace a device such as /dev/null by a plain file.
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "exists and is not a regular file",
        ));
    }
    let prefix = leftovers::prefix(path.file_name().unwrap_or_default());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(leftovers::SUFFIX);
    #[cfg(unix)]
    {
        // As File::create: readable by whom the umask allows; tempfile's own default is the owner.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    leftovers::apart(|| {
        let temporary = builder.tempfile_in(folder_of(path))?;
        // Where a file system has no locks, leftovers stay.
        temporary.as_file().try_lock().ok();
        Ok(temporary)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        write_atomically(&path, |file| file.write_all(b"old")).unwrap();
        let failed = write_atomically(&path, |file| {
            file.write_all(b"half of the n")?;
            Err(io::Error::other("disk full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "disk full");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.bin"]);
        write_atomically(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a.bin"]);
    }

    #[test]
    fn what_cannot_be_written_is_known_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        check_writable(&path).unwrap();
        assert!(names(folder.path()).is_empty());
        for wrong in [folder.path().to_owned(), folder.path().join("none/a.bin")] {
            assert!(check_writable(&wrong).is_err(), "{}", wrong.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_what_it_points_to_is_replaced() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("disk")).unwrap();
        symlink("disk/new", at("link")).unwrap();
        symlink("link", at("second")).unwrap();
        for text in ["first", "again"] {
            write_atomically(&at("second"), |file| file.write_all(text.as_bytes())).unwrap();
            assert_eq!(fs::read_to_string(at("disk/new")).unwrap(), text);
        }
        assert!(at("link").is_symlink() && at("second").is_symlink());
        symlink("b", at("a")).unwrap();
        symlink("a", at("b")).unwrap();
        let failed = check_writable(&at("a")).unwrap_err();
        assert!(failed.to_string().contains("circle"), "{failed}");
    }

    #[test]
    fn folders_are_made_with_all_that_lead_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b/c");
        make_folder(&deep).unwrap();
        make_folder(&deep).unwrap();
        assert!(deep.is_dir());
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(make_folder(&folder.path().join("file/a")).is_err());
    }

    #[test]
    fn a_folder_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let failed = write_atomically(folder.path(), |file| file.write_all(b"x")).unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::InvalidInput);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_an_ordinary_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        write_atomically(&ours, |file| file.write_all(b"x")).unwrap();
        fs::write(&plain, b"x").unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
