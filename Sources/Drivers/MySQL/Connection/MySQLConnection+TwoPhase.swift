public import Roost

/// `XA` and its like.
extension MySQLConnection: TwoPhaseConnection {
    /// Begins a branch that ``prepareTwoPhase()`` will prepare under this identity.
    public func beginTwoPhase(_ xid: Xid) async throws(DatabaseError) {
        let name = try Self.name(of: xid)
        guard transactionStatus == .idle else {
            throw Self.invalidState("A transaction is open already.", "Commit it or roll it back first.")
        }
        savepoints = []
        try await run("XA START \(name)")
        branch = xid
    }

    public func prepareTwoPhase() async throws(DatabaseError) {
        guard let branch else {
            throw Self.invalidState("No two-phase transaction is open.", "Begin it with beginTwoPhase.")
        }
        let name = try Self.name(of: branch)
        savepoints = []
        try await run("XA END \(name)", isShielded: true)
        try await run("XA PREPARE \(name)", isShielded: true)
        self.branch = nil
    }

    public func commitTwoPhase(_ xid: Xid) async throws(DatabaseError) {
        try await run("XA COMMIT \(try Self.name(of: xid))", isShielded: true)
    }

    public func rollbackTwoPhase(_ xid: Xid) async throws(DatabaseError) {
        try await run("XA ROLLBACK \(try Self.name(of: xid))", isShielded: true)
    }

    public func recoverTwoPhase() async throws(DatabaseError) -> [Xid] {
        // MySQL's plain form says that its bytes are text of the session's character set, which they need not be. MariaDB's says
        // that they are bytes, and what else it has, its releases write differently.
        guard flavour == .mysql else {
            return try await query("XA RECOVER").decode((Int, Int, Int, [UInt8]).self).fetchAll(limit: .unbounded)
                .compactMap { Self.xid(format: $0.0, lengths: ($0.1, $0.2), $0.3) }
        }
        return try await query("XA RECOVER CONVERT XID").decode((Int, Int, Int, String).self).fetchAll(
            limit: .unbounded
        )
        .compactMap { Self.xid(format: $0.0, lengths: ($0.1, $0.2), Self.bytes(ofHex: $0.3.dropFirst(2))) }
    }

    private static func xid(format: Int, lengths: (global: Int, branch: Int), _ bytes: [UInt8]) -> Xid? {
        guard let format = Int32(exactly: format), (0...64).contains(lengths.global), (0...64).contains(lengths.branch),
            bytes.count == lengths.global + lengths.branch
        else { return nil }
        return Xid(
            formatID: format,
            globalTransactionID: String(decoding: bytes[..<lengths.global], as: UTF8.self),
            branchQualifier: String(decoding: bytes[lengths.global...], as: UTF8.self)
        )
    }

    private static func bytes(ofHex digits: Substring) -> [UInt8] {
        let digits = Array(digits.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
        }
    }

    /// Ends the open branch and rolls it back.
    func rollbackBranch(_ xid: Xid) async throws(DatabaseError) {
        let name = try Self.name(of: xid)
        branch = nil
        do throws(DatabaseError) {
            try await run("XA END \(name)", isShielded: true, limit: Self.tidyingLimit)
        } catch {
            // After a deadlock the branch has ended already, and can only be rolled back.
            guard error.category != .operational else { throw error }
        }
        try await run("XA ROLLBACK \(name)", isShielded: true, limit: Self.tidyingLimit)
    }

    /// The identity as the statements write it: two texts in base 16, and a number.
    private static func name(of xid: Xid) throws(DatabaseError) -> String {
        guard xid.globalTransactionID.utf8.count <= 64, xid.branchQualifier.utf8.count <= 64, xid.formatID >= 0 else {
            throw DatabaseError(
                .programming,
                .valueTooLong,
                "The identity of a two-phase transaction is too long, or its format is negative.",
                hint: "Each part may have 64 bytes.",
                engine: MySQLErrors.engine
            )
        }
        return "X'\(hex(xid.globalTransactionID))',X'\(hex(xid.branchQualifier))',\(xid.formatID)"
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private static func invalidState(_ message: String, _ hint: String) -> DatabaseError {
        DatabaseError(
            .programming,
            .invalidTransactionState,
            message,
            hint: hint,
            sqlState: "25001",
            engine: MySQLErrors.engine
        )
    }
}
