/// What a statement did.
public struct ExecutionSummary: Sendable, Hashable {
    /// Rows inserted, updated or deleted; nil when the engine does not count them, as for a query or DDL (PEP 249 `rowcount` -1).
    public var rowsAffected: Int?
    /// The identity of the last row inserted on this connection, where the engine reports one (PEP 249 `lastrowid`).
    public var lastInsertID: Value?
    /// Warnings and notices the statement raised.
    public var warnings: [Notice]

    /// A summary; everything may be unknown.
    public init(rowsAffected: Int? = nil, lastInsertID: Value? = nil, warnings: [Notice] = []) {
        self.rowsAffected = rowsAffected
        self.lastInsertID = lastInsertID
        self.warnings = warnings
    }
}

/// A message from the engine that is not an error: a PostgreSQL notice, a MySQL warning.
public struct Notice: Sendable, Hashable {
    /// The engine's word for how serious it is: `NOTICE`, `Warning`.
    public var severity: String
    /// The engine's code: a SQLSTATE or a number.
    public var code: String?
    /// The text.
    public var message: String

    /// A notice.
    public init(severity: String, code: String? = nil, message: String) {
        self.severity = severity
        self.code = code
        self.message = message
    }
}
