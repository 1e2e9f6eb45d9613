import Testing

/// What runs the built binary. One test at a time: each holds a thread while its process works, and the tests' pool has as many as the
/// machine has cores.
@Suite(.serialized) enum CLITests {}
