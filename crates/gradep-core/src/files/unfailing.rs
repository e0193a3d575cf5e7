//! A target for writers that do not take failure well.

use std::io::{self, Seek, SeekFrom, Write};

/// Takes everything that is written to it. After the first error nothing reaches `inner` any more, and the
/// error is kept for [`Unfailing::into_result`]: a writer of archives that is dropped half-way then
/// still closes its archive, instead of panicking or printing words of its own.
pub(super) struct Unfailing<W> {
    inner: W,
    /// Where the next byte goes, and how many there are: as they would be without the error.
    position: u64,
    end: u64,
    failed: Option<io::Error>,
}

impl<W: Write + Seek> Unfailing<W> {
    /// Writes to the beginning of `inner`, which is empty.
    pub(super) fn new(inner: W) -> Self {
        Self {
            inner,
            position: 0,
            end: 0,
            failed: None,
        }
    }

    /// The first error, if there was one.
    pub(super) fn into_result(self) -> io::Result<()> {
        self.failed.map_or(Ok(()), Err)
    }

    fn attempt(&mut self, act: impl FnOnce(&mut W) -> io::Result<()>) {
        if self.failed.is_none() {
            self.failed = act(&mut self.inner).err();
        }
    }
}

impl<W: Write + Seek> Write for Unfailing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(|inner| inner.write_all(bytes));
        self.position += bytes.len() as u64;
        self.end = self.end.max(self.position);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(Write::flush);
        Ok(())
    }
}

impl<W: Write + Seek> Seek for Unfailing<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(step) => self.position.checked_add_signed(step),
            SeekFrom::End(step) => self.end.checked_add_signed(step),
        };
        let place = place.ok_or(io::ErrorKind::InvalidInput)?;
        self.attempt(|inner| inner.seek(SeekFrom::Start(place)).map(drop));
        self.position = place;
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::arrays::fill_npz;
    use ndarray::Array1;
    use std::io::Cursor;

    /// A disk that is full after some bytes.
    struct Disk(Cursor<Vec<u8>>, usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0.position() as usize + bytes.len() > self.1 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    /// Wherever the disk is full: the first error comes back, nothing panics; with room the bytes are whole.
    #[test]
    fn an_archive_on_a_full_disk_is_the_disks_error() {
        let write = |room: usize| {
            let mut disk = Disk(Cursor::default(), room);
            let done = fill_npz(&mut disk, |npz| {
                npz.add("a", &Array1::<f64>::zeros(9))?;
                npz.add("b", &Array1::<f32>::ones(5))
            });
            (done, disk.0.into_inner())
        };
        let (done, whole) = write(usize::MAX);
        done.unwrap();
        for room in 0..whole.len() {
            let (done, written) = write(room);
            assert_eq!(
                done.unwrap_err().kind(),
                io::ErrorKind::StorageFull,
                "{room}"
            );
            assert!(written.len() <= room);
        }
        assert_eq!(write(whole.len()).1, whole);
    }
}
