/// How many rows a fetch may bring into memory.
public enum FetchLimit: Sendable, Hashable, ExpressibleByIntegerLiteral {
    /// At most this many; more is an error.
    case rows(Int)
    /// All, however many there are.
    case unbounded

    /// At most this many rows.
    public init(integerLiteral value: Int) { self = .rows(value) }

    @usableFromInline var maximum: Int {
        switch self {
        case .rows(let count): Swift.max(count, 0)
        case .unbounded: .max
        }
    }

    @usableFromInline
    static func exceeded(_ maximum: Int) -> DatabaseError {
        DatabaseError(
            .programming,
            .tooManyRows,
            "The result has more than the \(maximum) rows allowed.",
            hint: "Iterate over the rows, raise the limit, or say limit: .unbounded."
        )
    }
}

extension ResultSet {
    /// The next row, or nil at the end (PEP 249 `fetchone`).
    public func fetchOne() async throws(DatabaseError) -> Row? {
        guard try await advance() else { return nil }
        return takeRow()
    }

    /// Up to `count` further rows, fewer only at the end (PEP 249 `fetchmany`).
    public func fetchMany(_ count: Int) async throws(DatabaseError) -> [Row] {
        var rows: [Row] = []
        while rows.count < count, try await advance(), let row = takeRow() {
            rows.append(row)
        }
        return rows
    }

    /// All further rows (PEP 249 `fetchall`).
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`; the result is ended then.
    public func fetchAll(limit: FetchLimit) async throws(DatabaseError) -> [Row] {
        var rows: [Row] = []
        let maximum = limit.maximum
        while try await advance(), let row = takeRow() {
            guard rows.count < maximum else {
                close()
                throw FetchLimit.exceeded(maximum)
            }
            rows.append(row)
        }
        if limit == .unbounded { fetchedUnbounded(rows.count) }
        return rows
    }

    /// Reads and drops all further rows, and tells what the statement did.
    public func drain() async throws(DatabaseError) -> ExecutionSummary {
        while try await advance() {
            skip(position.pointee.remaining)
        }
        return summary
    }

    /// The next batch of rows as it came from the driver; nil at the end. For code that moves rows without looking at each:
    /// pipelines, `executeMany` into another database. Rows of a batch that was begun row by row are passed over.
    public func nextBatch() async throws(DatabaseError) -> RowBatch? {
        guard try await advance() else { return nil }
        defer { skip(position.pointee.remaining) }
        return batch
    }
}
