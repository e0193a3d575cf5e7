//! The `gradep` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    gradep::main()
}
