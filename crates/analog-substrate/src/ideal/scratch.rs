//! Working memory of the solvers, kept between relaxations.

use std::{cell::RefCell, fmt};
use thread_local::ThreadLocal;

/// One block of buffers per thread, made when the thread first relaxes: blocks of samples can then
/// be handed out one by one at no cost, and a relaxation allocates none.
pub(super) struct Scratch<B: Send>(ThreadLocal<RefCell<B>>);

impl<B: Send> Scratch<B> {
    /// Runs `work`, which must not wait for other work of the pool, with this thread's buffers.
    pub(super) fn with(&self, make: impl FnOnce() -> B, work: impl FnOnce(&mut B)) {
        let cell = self.0.get_or(|| RefCell::new(make()));
        work(&mut cell.borrow_mut());
    }
}

impl<B: Send> Default for Scratch<B> {
    fn default() -> Self {
        Self(ThreadLocal::new())
    }
}

/// A copy of a network has buffers of its own.
impl<B: Send> Clone for Scratch<B> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<B: Send> fmt::Debug for Scratch<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scratch")
    }
}
