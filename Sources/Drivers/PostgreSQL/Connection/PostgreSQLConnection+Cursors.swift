public import Roost

/// A cursor declared on the server: its rows stay there, and are fetched in portions, forwards or backwards
/// (PostgreSQL documentation, "DECLARE", "FETCH").
///
/// For reading a result from its beginning to its end a query is simpler, and streams too.
public struct ServerCursor: Sendable {
    /// Where to fetch, seen from where the cursor stands.
    public enum Portion: Sendable, Hashable {
        /// The next rows.
        case forward(Int)
        /// The rows before, the nearest first. For cursors that scroll.
        case backward(Int)
        /// The row at this place, counted from 1, or from the end when negative. For cursors that scroll.
        case absolute(Int)
        /// The row so far ahead, or behind when negative. For cursors that scroll.
        case relative(Int)
        /// All that is left.
        case rest

        fileprivate var text: String {
            switch self {
            case .forward(let count): "FORWARD \(count)"
            case .backward(let count): "BACKWARD \(count)"
            case .absolute(let place): "ABSOLUTE \(place)"
            case .relative(let distance): "RELATIVE \(distance)"
            case .rest: "FORWARD ALL"
            }
        }
    }

    private let connection: PostgreSQLConnection
    /// The cursor's name on the server, of the driver's making.
    public let name: String

    fileprivate init(connection: PostgreSQLConnection, name: String) {
        self.connection = connection
        self.name = name
    }

    /// Brings a portion of the rows.
    ///
    /// - Throws: what the server says: that the cursor does not scroll, or went with its transaction.
    public func fetch(_ portion: Portion) async throws(DatabaseError) -> sending ResultSet {
        try await connection.query(statement("FETCH", portion), options: .standard)
    }

    /// Moves the cursor without bringing rows.
    ///
    /// - Returns: how many rows it passed.
    @discardableResult
    public func move(_ portion: Portion) async throws(DatabaseError) -> Int {
        try await connection.execute(statement("MOVE", portion), options: .standard).rowsAffected ?? 0
    }

    /// Frees what the server keeps for it.
    public func close() async throws(DatabaseError) {
        _ = try await connection.execute("CLOSE \(identifier: name)", options: .standard)
    }

    private func statement(_ verb: String, _ portion: Portion) -> Statement {
        "\(unsafe: verb) \(unsafe: portion.text) FROM \(identifier: name)"
    }
}

extension PostgreSQLConnection {
    /// Declares a cursor for a query.
    ///
    /// - Parameters:
    ///   - scrolls: whether rows can be fetched backwards too; it may cost the server a copy of the result.
    ///   - holds: whether it outlives the transaction; the server copies the rest of the result at the commit then. Without, a
    ///     transaction must be open.
    /// - Throws: `programming.invalidTransactionState` when it needs a transaction and none is open; what the server has against the
    ///   query.
    public func declareCursor(
        for query: Statement,
        scrolls: Bool = false,
        holds: Bool = false
    ) async throws(DatabaseError) -> ServerCursor {
        guard holds || transactionStatus != .idle else {
            throw DatabaseError(
                .programming,
                .invalidTransactionState,
                "A cursor that does not hold needs an open transaction.",
                hint: "Declare it inside withTransaction, or with holds: true.",
                sqlState: "25P01",
                engine: PostgreSQLErrors.engine
            )
        }
        // A name of its own each time: a statement prepared for one cursor must never meet another's columns.
        nextCursor += 1
        let name = "roost_cursor_\(nextCursor)"
        let kind = (scrolls ? "SCROLL" : "NO SCROLL") + " CURSOR" + (holds ? " WITH HOLD" : "")
        _ = try await execute("DECLARE \(identifier: name) \(unsafe: kind) FOR \(query)", options: .standard)
        return ServerCursor(connection: self, name: name)
    }
}
