import CSQLite
public import Roost

/// A row this connection inserted, updated or deleted (https://www.sqlite.org/c3ref/update_hook.html).
public struct SQLiteRowChange: Sendable, Hashable {
    /// What happened to the row.
    public enum Kind: Sendable, Hashable {
        case insert, update, delete
    }

    /// What happened.
    public var kind: Kind
    /// The table.
    public var table: String
    /// The row.
    public var rowID: Int64
}

extension SQLiteConnection {
    /// Calls `observer` with every row this connection changes, before the change is committed; nil ends that.
    ///
    /// Tables without row ids are not reported, nor rows an `INSERT OR REPLACE` removes: that is SQLite's rule. The observer runs
    /// on the connection's thread and must not use the connection.
    public func observeChanges(_ observer: (@Sendable (SQLiteRowChange) -> Void)?) throws(DatabaseError) {
        let database = try database()
        let box = observer.map { Unmanaged.passRetained(ObserverBox($0)) }
        let previous = sqlite3_update_hook(
            database,
            box == nil
                ? nil
                : { data, operation, _, table, row in
                    guard let data, let table else { return }
                    let kind: SQLiteRowChange.Kind =
                        operation == SQLITE_INSERT ? .insert : operation == SQLITE_DELETE ? .delete : .update
                    let change = SQLiteRowChange(kind: kind, table: String(cString: table), rowID: row)
                    Unmanaged<ObserverBox>.fromOpaque(data).takeUnretainedValue().observer(change)
                },
            box?.toOpaque()
        )
        previous.map { Unmanaged<ObserverBox>.fromOpaque($0).release() }
    }
}

/// Keeps an observer alive as long as SQLite knows it.
private final class ObserverBox {
    let observer: @Sendable (SQLiteRowChange) -> Void

    init(_ observer: @escaping @Sendable (SQLiteRowChange) -> Void) {
        self.observer = observer
    }
}
