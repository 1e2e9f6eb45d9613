/// Where a ``ResultSet`` gets its rows from: the part a driver implements.
///
/// One consumer calls at a time. Rows come in batches of about 64 KiB, so nothing here is called per row.
public protocol RowBatchSource: AnyObject, Sendable {
    /// The next rows of the current result; nil at its end. A batch may be empty.
    ///
    /// Cancelling the calling task ends the statement on the server and throws `operational.cancelled`.
    func nextBatch() async throws(DatabaseError) -> RowBatch?

    /// Moves to the statement's next result, passing over what is left of the current one; nil when there is none.
    func nextResult() async throws(DatabaseError) -> ColumnList?

    /// What the statement did, known once its current result has ended.
    func currentSummary() async -> ExecutionSummary

    /// Where the rows are made, if the consumer's code may run there too: on a thread that nothing else needs. Loops over many rows
    /// run there then, which spares a change of threads a batch. nil otherwise, and by default.
    var taskExecutor: (any TaskExecutor)? { get }

    /// The consumer will not read further: ends the statement. Must not block; called when the result is released.
    func abandon()
}

extension RowBatchSource {
    /// nil: the rows are made where other work waits too.
    public var taskExecutor: (any TaskExecutor)? { nil }
}
