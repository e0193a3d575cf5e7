//! The library's examples, each run from its first line to its last.

macro_rules! run {
    ($($name:ident, $file:literal;)*) => {$(
        #[path = $file]
        mod $name;

        #[test]
        fn $name() {
            $name::main().unwrap();
        }
    )*};
}

run! {
    train, "../../crates/gradep/examples/train.rs";
    chip, "../../crates/gradep/examples/chip.rs";
    free_run, "../../crates/gradep/examples/free_run.rs";
    own_device, "../../crates/gradep/examples/own_device.rs";
    sweep, "../../crates/gradep/examples/sweep.rs";
    own_objective, "../../crates/gradep/examples/own_objective.rs";
}
