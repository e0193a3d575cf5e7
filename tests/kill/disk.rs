//! Disks that are really full, read-only or gone.
