/// A result that is fetched in portions of ``arraySize`` rows (PEP 249 `Cursor`).
public final class Cursor {
    /// The rows behind the cursor.
    public let results: ResultSet
    /// How many rows ``fetchMany(_:)`` brings when it is not told (PEP 249 `arraysize`).
    public var arraySize: Int
    /// The rows handed out so far (PEP 249 `rownumber`).
    public private(set) var rowNumber = 0

    /// A cursor over a result.
    public init(_ results: ResultSet, arraySize: Int) {
        self.results = results
        self.arraySize = max(arraySize, 1)
    }

    /// The columns of the result (PEP 249 `description`).
    public var columns: ColumnList { results.columns }

    /// The next row, or nil at the end.
    public func fetchOne() async throws(DatabaseError) -> Row? {
        let row = try await results.fetchOne()
        if row != nil { rowNumber += 1 }
        return row
    }

    /// Up to `count` rows, ``arraySize`` by default; empty at the end.
    public func fetchMany(_ count: Int? = nil) async throws(DatabaseError) -> [Row] {
        let rows = try await results.fetchMany(count ?? arraySize)
        rowNumber += rows.count
        return rows
    }

    /// All further rows.
    public func fetchAll(limit: FetchLimit) async throws(DatabaseError) -> [Row] {
        let rows = try await results.fetchAll(limit: limit)
        rowNumber += rows.count
        return rows
    }

    /// Ends the cursor.
    public func close() {
        results.close()
    }
}
