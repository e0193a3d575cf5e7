//! Files appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Replaces `path` by what `write` produces, or leaves it as it was.
///
/// The bytes go to a temporary file in the same folder, are flushed to the disk (fsync) and then
/// renamed; a rename within one folder is atomic (POSIX `rename`), so a reader, a full disk or a
/// killed process never leaves half a file under the final name. Where `write` fails the temporary
/// file is removed and its error returned.
///
/// # Errors
/// Those of `write` and of the file system; [`io::ErrorKind::InvalidInput`] where `path` names
/// something that is not a regular file (a folder, a device).
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let (file, temporary) = temporary_beside(path)?.into_parts();
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    writer.flush()?;
    writer.get_ref().sync_all()?;
    drop(writer);
    temporary.persist(path).map_err(|failed| failed.error)?;
    // The new name itself is durable only once the folder is on the disk.
    #[cfg(unix)]
    File::open(folder_of(path))?.sync_all()?;
    Ok(())
}

/// Whether [`write_atomically`] can write `path`, to be asked before the work whose result goes there;
/// nothing is left behind. A disk can still fill up afterwards.
///
/// # Errors
/// As [`write_atomically`].
pub fn check_writable(path: &Path) -> io::Result<()> {
    temporary_beside(path)?.close()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A temporary file that can be renamed to `path`.
fn temporary_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    if fs::metadata(path).is_ok_and(|existing| !existing.is_file()) {
        // A rename would replace a device such as /dev/null by a plain file.
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "exists and is not a regular file",
        ));
    }
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".tmp");
    #[cfg(unix)]
    {
        // As File::create: readable by whom the umask allows; tempfile's own default is the owner.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder_of(path))
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
