public import Roost

/// `PREPARE TRANSACTION` and its like. A PostgreSQL identifier is one text, so the three parts of an ``Xid`` are joined as
/// `format_global_branch`, the names in base 16 where they need it.
extension PostgreSQLConnection: TwoPhaseConnection {
    /// Begins a transaction that ``prepareTwoPhase()`` will prepare under this identity.
    public func beginTwoPhase(_ xid: Xid) async throws(DatabaseError) {
        let name = try Self.name(of: xid)
        try await begin(.readWrite)
        preparedName = name
    }

    public func prepareTwoPhase() async throws(DatabaseError) {
        let status = transactionStatus
        guard let name = preparedName, status != .idle else {
            throw DatabaseError(
                .programming,
                .invalidTransactionState,
                "No two-phase transaction is open.",
                hint: "Begin it with beginTwoPhase.",
                sqlState: "25P01",
                engine: PostgreSQLErrors.engine
            )
        }
        leaveTransaction()
        try await runSimple("PREPARE TRANSACTION \(Self.quoted(name))", isShielded: true)
        // As with COMMIT, PostgreSQL rolls a failed transaction back and calls it no error.
        if status == .failed { throw PostgreSQLErrors.rolledBackInstead(of: "prepared") }
    }

    public func commitTwoPhase(_ xid: Xid) async throws(DatabaseError) {
        try await runSimple("COMMIT PREPARED \(Self.quoted(try Self.name(of: xid)))", isShielded: true)
    }

    public func rollbackTwoPhase(_ xid: Xid) async throws(DatabaseError) {
        try await runSimple("ROLLBACK PREPARED \(Self.quoted(try Self.name(of: xid)))", isShielded: true)
    }

    public func recoverTwoPhase() async throws(DatabaseError) -> [Xid] {
        let names = try await query(
            "select gid from pg_prepared_xacts where database = current_database() order by prepared"
        )
        .decode(String.self).fetchAll(limit: .unbounded)
        return names.map { Self.xid(of: $0) }
    }

    private static func name(of xid: Xid) throws(DatabaseError) -> String {
        let name = "\(xid.formatID)_\(hex(xid.globalTransactionID))_\(hex(xid.branchQualifier))"
        guard name.utf8.count < 200 else {
            throw DatabaseError(
                .programming,
                .valueTooLong,
                "The identity of a two-phase transaction is too long for PostgreSQL, which keeps 199 bytes.",
                hint: "Use shorter parts; each byte takes two characters.",
                engine: PostgreSQLErrors.engine
            )
        }
        return name
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private static func text(ofHex hex: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = hex
        while !rest.isEmpty {
            guard rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The identity a name stands for; a name of somebody else's making is the global part as it is.
    private static func xid(of name: String) -> Xid {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false)
        if parts.count == 3, let format = Int32(parts[0]), let global = text(ofHex: parts[1]),
            let branch = text(ofHex: parts[2])
        {
            return Xid(formatID: format, globalTransactionID: global, branchQualifier: branch)
        }
        return Xid(formatID: -1, globalTransactionID: name)
    }

    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "''") + "'"
    }
}
