import Roost

/// What every row of a table must fulfil.
///
/// Name what you may want to change later: names that the engine gives differ from one to the next.
public struct TableConstraint<T: Table>: Sendable {
    enum Kind: Sendable {
        case primaryKey([String])
        case unique([String], nullsNotDistinct: Bool)
        case foreignKey(ForeignKey)
        case check(QueryNode)
    }

    struct ForeignKey: Sendable {
        let columns: [String]
        let target: [String]
        let targetColumns: [String]
        let onDelete: ForeignKeyAction
        let onUpdate: ForeignKeyAction
        let isDeferred: Bool
    }

    let kind: Kind
    let name: String?

    /// What tells one row from all others.
    public static func primaryKey(_ columns: PartialKeyPath<T>..., named name: String? = nil) -> TableConstraint {
        TableConstraint(kind: .primaryKey(T.table.names(columns)), name: name)
    }

    /// No two rows are the same in these columns.
    ///
    /// - Parameter nullsNotDistinct: two `NULL` are the same (PostgreSQL 15; in SQL Server they always are).
    public static func unique(
        _ columns: PartialKeyPath<T>...,
        nullsNotDistinct: Bool = false,
        named name: String? = nil
    ) -> TableConstraint {
        TableConstraint(kind: .unique(T.table.names(columns), nullsNotDistinct: nullsNotDistinct), name: name)
    }

    /// The columns hold the key of a row of another table, or `NULL`.
    ///
    /// - Parameter columns: the columns here.
    /// - Parameter targetColumns: those they refer to, in the same order.
    /// - Parameter isDeferred: it is looked at when the transaction ends (SQLite, PostgreSQL, Oracle).
    public static func foreignKey<U: Table>(
        _ columns: PartialKeyPath<T>...,
        references table: U.Type,
        _ targetColumns: PartialKeyPath<U>...,
        onDelete: ForeignKeyAction = .noAction,
        onUpdate: ForeignKeyAction = .noAction,
        isDeferred: Bool = false,
        named name: String? = nil
    ) -> TableConstraint {
        let key = ForeignKey(
            columns: T.table.names(columns),
            target: U.qualifiedName,
            targetColumns: U.table.names(targetColumns),
            onDelete: onDelete,
            onUpdate: onUpdate,
            isDeferred: isDeferred
        )
        return TableConstraint(kind: .foreignKey(key), name: name)
    }

    /// The condition is not false for any row.
    public static func check(_ name: String? = nil, _ condition: SQLCondition) -> TableConstraint {
        TableConstraint(kind: .check(condition.node), name: name)
    }
}

/// What becomes of rows whose foreign key's row is deleted, or gets another key.
public enum ForeignKeyAction: String, Hashable, Sendable {
    /// It is an error, when the statement ends or, deferred, the transaction.
    case noAction = "no action"
    /// It is an error at once. SQL Server and Oracle know `noAction` alone.
    case restrict
    /// They are deleted, or get the other key, too.
    case cascade
    /// They refer to nothing.
    case setNull = "set null"
    /// They refer to what their default says. Not for MySQL, MariaDB, Oracle and DB2.
    case setDefault = "set default"
}
