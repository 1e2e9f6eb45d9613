/// Rows on their way into a table by the fastest path the engine has.
///
/// One task at a time uses it, and ends it by ``finish()`` or ``abort(after:)``; the connection serves nothing else until then.
public protocol BulkLoad: Sendable {
    /// Sends rows. Suspends while the engine is behind, so that memory stays bounded.
    ///
    /// - Throws: `data.typeMismatch`, `data.valueOutOfRange` for a value its column has no form of, and what the engine has against
    ///   the rows sent so far.
    func write(_ rows: RowBatch) async throws(DatabaseError)

    /// Ends the load and waits until the engine has taken all of it.
    ///
    /// - Returns: the number of rows.
    func finish() async throws(DatabaseError) -> Int

    /// Ends the load after a failure. The caller rolls the transaction back.
    ///
    /// - Returns: the error that tells most: the engine's own where it had one.
    func abort(after error: DatabaseError) async -> DatabaseError
}

/// A connection with a faster way into a table than `INSERT`.
public protocol BulkLoadingConnection: Connection {
    /// Begins to load rows into columns of a table. The rows become visible with the transaction they are loaded in, or, outside of
    /// one, no earlier than the load's end.
    ///
    /// - Parameter table: the parts of its name.
    /// - Throws: `programming.undefinedTable`, `programming.undefinedColumn`; `notSupported` for columns of types the fast path has no
    ///   form for, which ``Connection/bulkLoad(into:columns:)`` answers with inserts.
    func beginBulkLoad(into table: [String], columns: [String]) async throws(DatabaseError) -> any BulkLoad
}

/// A connection that hands out and takes rows in a form of its own, which it can do without looking at them.
public protocol RawTransferConnection: Connection {
    /// What the bytes are. Rows go from one connection to another only where these are equal, and the columns' types too.
    nonisolated var rawTransferFormat: String { get }

    /// Whether a column of this type, as the server spells it, has a form that means the same on every server.
    nonisolated func canTransferRaw(_ type: String) -> Bool

    /// Begins to hand out the rows of a query.
    func beginRawExport(_ query: Statement) async throws(DatabaseError) -> any RawExport

    /// Begins to take rows into columns of a table.
    func beginRawImport(into table: [String], columns: [String]) async throws(DatabaseError) -> any RawImport
}

/// Rows on their way out in the engine's own form.
public protocol RawExport: Sendable {
    /// The next bytes; nil at the end. Reading slowly slows the engine down.
    func nextChunk() async throws(DatabaseError) -> [UInt8]?
}

/// Rows on their way in, in the engine's own form; otherwise as a ``BulkLoad``.
public protocol RawImport: Sendable {
    /// Sends bytes, wherever they were cut.
    func write(_ chunk: [UInt8]) async throws(DatabaseError)
    /// Ends the import and returns the number of rows.
    func finish() async throws(DatabaseError) -> Int
    /// Ends the import after a failure.
    func abort(after error: DatabaseError) async -> DatabaseError
}

/// A connection that can see the database in the same state as other connections.
public protocol SnapshotSharingConnection: Connection {
    /// Whether writers of the whole server wait while the transactions begin.
    static var locksForSharedSnapshots: Bool { get }

    /// Begins a read-only transaction on this connection and on others to the same database, all of which see one state of it whatever
    /// is committed meanwhile. None is begun where one cannot be.
    ///
    /// - Throws: `programming.misuse` for connections of another driver, and what the server says: `insufficientPrivilege` or `lockTimeout`
    ///   where it takes a lock for it.
    func beginSharedSnapshot(with others: [any Connection]) async throws(DatabaseError)
}

extension SnapshotSharingConnection {
    /// The others as connections of this driver.
    ///
    /// - Throws: `programming.misuse` when one is another driver's.
    package static func ofThisDriver(_ others: [any Connection]) throws(DatabaseError) -> [Self] {
        var own: [Self] = []
        for other in others {
            guard let other = other as? Self else {
                throw DatabaseError(
                    .programming,
                    .misuse,
                    "A snapshot is shared with connections of the same engine."
                )
            }
            own.append(other)
        }
        return own
    }
}

extension Connection {
    /// Begins to load rows into columns of a table: by the engine's bulk path, or by inserts in batches where it has none for these
    /// columns.
    ///
    /// Inserts commit batch by batch outside a transaction; begin one to load all rows or none.
    public nonisolated func bulkLoad(
        into table: [String],
        columns: [String]
    ) async throws(DatabaseError) -> any BulkLoad {
        if let connection = self as? any BulkLoadingConnection {
            do throws(DatabaseError) {
                return try await connection.beginBulkLoad(into: table, columns: columns)
            } catch {
                guard error.condition == .notSupported else { throw error }
            }
        }
        return InsertLoad(connection: self, table: table, columns: columns)
    }
}

/// Loads rows by an `INSERT` that the driver runs for each batch in its best way.
final class InsertLoad: BulkLoad {
    private let connection: any Connection
    private let template: Statement
    private let rowCount = Locked(0)

    init(connection: any Connection, table: [String], columns: [String]) {
        self.connection = connection
        let dialect = connection.dialect
        let name = table.map(dialect.quoted).joined(separator: ".")
        let list = columns.map(dialect.quoted).joined(separator: ", ")
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        template = Statement(unsafe: "insert into \(name) (\(list)) values (\(places))")
    }

    func write(_ rows: RowBatch) async throws(DatabaseError) {
        guard rows.rowCount > 0 else { return }
        _ = try await connection.executeBatch(template, rows: rows, options: .standard)
        rowCount.withLock { $0 += rows.rowCount }
    }

    func finish() async throws(DatabaseError) -> Int { rowCount.withLock { $0 } }

    func abort(after error: DatabaseError) async -> DatabaseError { error }
}
