//! End-to-end and cross-validation tests live in the integration test files beside this one.
