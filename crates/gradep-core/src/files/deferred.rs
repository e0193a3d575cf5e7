//! Writers that must not fail.

use std::io::{self, Seek, SeekFrom, Write};

/// A target whose first error is kept and told at the end, while what comes after it goes nowhere.
///
/// A zip writer that meets an error still completes its archive when it is dropped, meets the error
/// again, and prints it to stderr, past whoever is to say what went wrong. Here it meets none.
pub(super) struct Deferred<T> {
    target: T,
    failure: Option<io::Error>,
    /// Where the target would be, and how long, had it not failed.
    position: u64,
    length: u64,
}

impl<T: Write + Seek> Deferred<T> {
    pub(super) fn new(target: T) -> Self {
        Self {
            target,
            failure: None,
            position: 0,
            length: 0,
        }
    }

    /// What went wrong first.
    pub(super) fn into_outcome(self) -> io::Result<()> {
        self.failure.map_or(Ok(()), Err)
    }

    /// Does it unless something has failed.
    fn attempt<V>(&mut self, what: impl FnOnce(&mut T) -> io::Result<V>) -> Option<V> {
        if self.failure.is_some() {
            return None;
        }
        match what(&mut self.target) {
            Ok(value) => Some(value),
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }
}

impl<T: Write + Seek> Write for Deferred<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(|target| target.write_all(bytes));
        self.position += bytes.len() as u64;
        self.length = self.length.max(self.position);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(Write::flush);
        Ok(())
    }
}

impl<T: Write + Seek> Seek for Deferred<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
        };
        let place = place.ok_or(io::ErrorKind::InvalidInput)?;
        self.attempt(|target| target.seek(SeekFrom::Start(place)));
        self.position = place;
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Takes so many bytes and no more.
    struct Full {
        inner: Cursor<Vec<u8>>,
        room: usize,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.inner.position() as usize + bytes.len() > self.room {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.inner.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Full {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.inner.seek(to)
        }
    }

    /// Whatever the byte at which the disk is full, the one who writes meets no error, and the first is told.
    #[test]
    fn the_first_error_is_told_at_the_end() {
        let work = |target: &mut dyn io::Write| target.write_all(b"0123456789");
        for room in 0..=20 {
            let inner = Cursor::new(Vec::new());
            let mut deferred = Deferred::new(Full { inner, room });
            work(&mut deferred).unwrap();
            assert_eq!(deferred.seek(SeekFrom::Current(-4)).unwrap(), 6);
            work(&mut deferred).unwrap();
            assert_eq!(deferred.seek(SeekFrom::End(0)).unwrap(), 16);
            let outcome = deferred.into_outcome().map_err(|error| error.kind());
            assert_eq!(outcome.is_ok(), room >= 16, "{room}");
            assert!(matches!(outcome, Ok(()) | Err(io::ErrorKind::StorageFull)));
        }
    }
}
