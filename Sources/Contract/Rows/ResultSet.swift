/// The rows of an executed statement, read once from front to back (PEP 249 `Cursor` without the server's part).
///
/// ```swift
/// for try await (id, name) in try await connection.query("select id, name from customer").decode((Int, String).self) {
///     print(id, name)
/// }
/// ```
///
/// Iteration, ``fetchOne()``, ``fetchMany(_:)`` and ``fetchAll(limit:)`` may be mixed: each goes on where the last one stopped.
/// Rows arrive in batches of about 64 KiB and memory stays bounded however long the result is. A result that is released before
/// its end is ended on the server. It belongs to one task at a time, which the compiler enforces: it is not `Sendable`.
public final class ResultSet {
    /// The next rows to hand out. Kept outside the object, so that moving through a batch costs no exclusivity checks.
    @usableFromInline
    struct Position {
        @usableFromInline var cells: UnsafePointer<Cell>?
        @usableFromInline var heap: UnsafeRawPointer?
        @usableFromInline var index = 0
        @usableFromInline var remaining = 0
        @usableFromInline var width = 0
        // Unretained, so that no row pays for counting references; the result holds it while the position points at its rows.
        @usableFromInline var columns: Unmanaged<ColumnList>?
    }

    /// The columns of the current result; empty for a statement without rows.
    public private(set) var columns: ColumnList
    @usableFromInline let position: UnsafeMutablePointer<Position>
    @usableFromInline private(set) var batch: RowBatch?
    private var source: (any RowBatchSource)?
    private var hasEnded: Bool
    private var finalSummary: ExecutionSummary
    /// Who is told of the end; nil when nobody watches.
    private let observed: StatementObservation?
    private var isEndTold = false
    private var rowCount = 0

    /// A result whose first batch is at hand and whose others come from `source`; without a source the batch is all there is.
    ///
    /// `summary` is what is known now; a source has the last word at its end.
    public init(
        columns: ColumnList,
        first: RowBatch? = nil,
        source: (any RowBatchSource)? = nil,
        summary: ExecutionSummary = ExecutionSummary(),
        observed: StatementObservation? = nil
    ) {
        self.columns = columns
        self.source = source
        finalSummary = summary
        hasEnded = source == nil
        self.observed = observed
        position = .allocate(capacity: 1)
        position.initialize(to: Position())
        if let first { accept(first) }
        if hasEnded { tellEnd() }
    }

    deinit {
        position.deallocate()
        if !hasEnded { source?.abandon() }
        tellEnd()
    }

    private func tellEnd(_ error: DatabaseError? = nil) {
        guard let observed, !isEndTold else { return }
        isEndTold = true
        observed.end(rows: rowCount, rowsAffected: finalSummary.rowsAffected, error: error)
    }

    /// Runs a loop over many rows where those not at hand yet are made, if code of the application may run there. What belongs to an
    /// actor stays with it: the executor's preference would take it from there.
    @usableFromInline
    func nearSource<R, E: Error>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws(E) -> R
    ) async throws(E) -> R {
        guard isolation == nil, !hasEnded, let executor = source?.taskExecutor else { return try await body() }
        return try await withTaskExecutorPreference(executor, operation: body)
    }

    /// A fetch without a limit brought this many rows.
    @usableFromInline
    func fetchedUnbounded(_ count: Int) {
        observed?.fetchedUnbounded(count)
    }

    /// What the statement did: complete once all rows are read, or at once for a statement without rows.
    public var summary: ExecutionSummary { finalSummary }

    /// Rows affected, as in ``ExecutionSummary/rowsAffected`` (PEP 249 `rowcount`).
    public var rowsAffected: Int? { finalSummary.rowsAffected }

    private func accept(_ batch: RowBatch) {
        self.batch = batch
        rowCount += batch.rowCount
        position.pointee = Position(
            cells: UnsafePointer(batch.cells),
            heap: UnsafeRawPointer(batch.heap),
            index: 0,
            remaining: batch.rowCount,
            width: batch.columnCount,
            columns: .passUnretained(columns)
        )
    }

    /// Makes sure that a row is at hand; false at the end of the result.
    @usableFromInline
    func advance(isolation: isolated (any Actor)? = #isolation) async throws(DatabaseError) -> Bool {
        while position.pointee.remaining == 0 {
            guard !hasEnded, let source else {
                batch = nil
                return false
            }
            do throws(DatabaseError) {
                if let next = try await source.nextBatch() {
                    guard next.columnCount == columns.count else {
                        throw DatabaseError(
                            .internal,
                            .protocolViolation,
                            "A batch has \(next.columnCount) columns where the result has \(columns.count)."
                        )
                    }
                    accept(next)
                } else {
                    hasEnded = true
                    finalSummary = await source.currentSummary()
                    tellEnd()
                }
            } catch {
                tellEnd(error)
                close()
                throw error
            }
        }
        return true
    }

    /// Moves to the statement's next result, dropping what is left of this one (PEP 249 `nextset`).
    ///
    /// - Returns: whether there is one; ``columns`` are its columns then.
    public func nextResultSet() async throws(DatabaseError) -> Bool {
        position.pointee = Position()
        batch = nil
        guard let source else { return false }
        guard let next = try await source.nextResult() else {
            hasEnded = true
            return false
        }
        columns = next
        hasEnded = false
        return true
    }

    /// Ends the result: what is unread is dropped and the statement ended on the server. Called by itself on release.
    public func close() {
        position.pointee = Position()
        batch = nil
        if !hasEnded { source?.abandon() }
        hasEnded = true
        source = nil
        tellEnd()
    }
}

extension ResultSet: AsyncSequence {
    public typealias Element = Row
    public typealias Failure = DatabaseError

    /// Hands out rows one by one; suspends only when a batch is used up.
    public struct AsyncIterator: AsyncIteratorProtocol {
        @usableFromInline let results: ResultSet

        @usableFromInline
        init(_ results: ResultSet) { self.results = results }

        /// The next row; nil at the end.
        @inlinable
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(DatabaseError) -> Row? {
            if results.position.pointee.remaining == 0 {
                guard try await results.advance(isolation: actor) else { return nil }
            }
            return results.takeRow()
        }

        /// The next row; nil at the end.
        @inlinable
        public mutating func next() async throws(DatabaseError) -> Row? {
            try await next(isolation: #isolation)
        }
    }

    /// Goes on from the current position.
    @inlinable
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(self)
    }

    /// The row at hand; the caller made sure there is one.
    @inlinable
    func takeRow() -> Row? {
        guard let batch else { return nil }
        let index = position.pointee.index
        skip(1)
        return Row(batch: batch, index: index, columns: columns)
    }

    /// Passes over rows at hand.
    @inlinable
    @inline(__always)
    func skip(_ count: Int) {
        position.pointee.index += count
        position.pointee.remaining -= count
        position.pointee.cells = position.pointee.cells.map { $0 + count * position.pointee.width }
    }
}
