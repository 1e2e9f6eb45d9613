public import Roost

extension PostgreSQLConnection: BulkLoadingConnection {
    /// The binary `COPY`.
    public func beginBulkLoad(into table: [String], columns: [String]) async throws(DatabaseError) -> any BulkLoad {
        PostgreSQLBulkLoad(connection: self, copy: try await beginCopy(to: table, columns: columns))
    }
}

extension PostgreSQLConnection: RawTransferConnection {
    /// The binary format of `COPY`, whose header says which version it is.
    public nonisolated var rawTransferFormat: String { "PostgreSQL binary COPY" }

    /// Types whose binary form is the same on every server. Enums, composites and extensions' types hold numbers that each database
    /// gives out anew, at least inside arrays.
    public nonisolated func canTransferRaw(_ type: String) -> Bool {
        // format_type: `character varying(30)`, `timestamp(3) without time zone`, `numeric(10,2)[]`.
        var name = type
        while name.hasSuffix("[]") { name.removeLast(2) }
        if let open = name.firstIndex(of: "("), let close = name.firstIndex(of: ")") {
            name.removeSubrange(open...close)
        }
        return Self.portableTypes.contains(name)
    }

    private static let portableTypes: Set<String> = [
        "boolean", "smallint", "integer", "bigint", "real", "double precision", "numeric", "money", "text", "bytea",
        "character varying", "character", "\"char\"", "name", "date", "time without time zone", "time with time zone",
        "timestamp without time zone", "timestamp with time zone", "interval", "uuid", "json", "jsonb", "inet", "cidr",
        "macaddr", "macaddr8", "bit", "bit varying", "point", "line", "lseg", "box", "path", "polygon", "circle",
        "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "xml",
    ]

    public func beginRawExport(_ query: Statement) async throws(DatabaseError) -> any RawExport {
        PostgreSQLRawExport(copy: try await copyOut(query, format: .binary, isGathered: true))
    }

    public func beginRawImport(into table: [String], columns: [String]) async throws(DatabaseError) -> any RawImport {
        let copy = try await beginCopy(to: table, columns: columns, format: .binary, options: nil)
        return PostgreSQLBulkLoad(connection: self, copy: copy)
    }
}

/// A copy into a table, of batches or of bytes that have the form already.
struct PostgreSQLBulkLoad: BulkLoad, RawImport {
    let connection: PostgreSQLConnection
    let copy: PostgreSQLConnection.CopyIn

    func write(_ rows: RowBatch) async throws(DatabaseError) { try await connection.send(rows, in: copy) }
    func write(_ chunk: [UInt8]) async throws(DatabaseError) { try await connection.send(chunk, in: copy) }
    func finish() async throws(DatabaseError) -> Int { try await connection.finish(copy) }

    func abort(after error: DatabaseError) async -> DatabaseError { await connection.abort(copy, after: error) }
}

/// A copy out of a query, in the server's own form.
struct PostgreSQLRawExport: RawExport {
    let copy: CopyOut

    func nextChunk() async throws(DatabaseError) -> [UInt8]? { try await copy.nextChunk() }
}
