import Roost

/// How strongly rows are locked.
public enum LockStrength: String, Hashable, Sendable {
    /// Nobody else may change or lock the rows.
    case update
    /// Nobody may change the rows.
    case share
    /// As `update`, and foreign keys may still be checked (PostgreSQL).
    case noKeyUpdate
    /// As `share`, and other columns than keys may be changed (PostgreSQL).
    case keyShare
}

/// What to do about rows that are locked by others.
public enum LockWait: String, Hashable, Sendable {
    /// Wait for them.
    case wait
    /// Leave them out.
    case skip
    /// Fail.
    case fail
}

extension Select {
    /// Locks the rows until the transaction ends.
    ///
    /// - Parameter tables: the names, in the query, of the tables whose rows are locked; none means all.
    /// - Throws: when rendered, `notSupported` for SQLite, SQL Server and DB2.
    public func locking(
        _ strength: LockStrength = .update,
        of tables: [String] = [],
        _ wait: LockWait = .wait
    ) -> Select {
        let known = self[part: .locks]
        let lock = QueryNode(.lock(strength, tables: tables, wait: wait))
        return with(.locks, .list((known.isAbsent ? [] : known.children) + [lock]))
    }
}
