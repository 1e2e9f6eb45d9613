import Roost
import RoostSchema

/// How staged rows go into a table that has rows.
struct MergeRule: Sendable {
    var mode: CopyMode
    /// The columns by which rows are the same; empty for the table's primary key.
    var key: [String] = []
    /// When history begins and ends.
    var time = Instant(microsecondsSinceEpoch: 0)

    /// The columns of history.
    static let history = ["valid_from", "valid_to", "is_current"]

    /// The columns by which rows of this table are the same; empty where rows are only added.
    func key(of table: TargetTable) -> [String] {
        switch mode {
        case .replace, .append: []
        case .upsert, .incremental, .deleteInsert, .scd2: key.isEmpty ? table.primaryKey : key
        }
    }
}

extension TargetTable {
    /// Puts the staged rows into the table.
    func merging(_ rule: MergeRule) -> [Statement] {
        let key = rule.key(of: self)
        switch rule.mode {
        case .replace, .append: return [inserting()]
        case .upsert, .incremental:
            if key.isEmpty { return [inserting()] }
            if key == primaryKey { return [upserting()] }
            return updating(key) + [inserting(unless: key)]
        case .deleteInsert: return [deleting(key), inserting()]
        case .scd2: return [closing(key, at: rule.time), insertingHistory(key, at: rule.time)]
        }
    }

    /// Finds rows by their key, where the server would look through all of them for each.
    func indexing(by key: [String]) -> Statement? {
        guard !key.isEmpty else { return nil }
        let name = dialect.quoted("\((name.last ?? "").prefix(44))__roost_key")
        // Names of SQLite's indexes are of the database, and live in the table's schema.
        return Statement(unsafe: "CREATE INDEX \(name) ON \(quoted(stagingName)) (\(list(key)))")
    }

    private var staging: String { quoted(stagingName) }
    private var table: String { quoted(name) }

    private func matching(_ key: [String], _ one: String, _ other: String) -> String {
        key.map { "\(one).\(dialect.quoted($0)) = \(other).\(dialect.quoted($0))" }.joined(separator: " AND ")
    }

    private func inserting(unless key: [String] = []) -> Statement {
        let columns = list(columnNames)
        var text = "INSERT INTO \(table) (\(columns)) SELECT \(columns) FROM \(staging) AS s"
        if !key.isEmpty { text += " WHERE NOT EXISTS (SELECT 1 FROM \(table) AS t WHERE \(matching(key, "t", "s")))" }
        return Statement(unsafe: text)
    }

    private func upserting() -> Statement {
        let columns = list(columnNames)
        var text = "INSERT INTO \(table) (\(columns)) SELECT \(columns) FROM \(staging)"
        let others = columnNames.filter { !primaryKey.contains($0) }
        if engine.isMySQLFamily {
            let changed = others.isEmpty ? primaryKey : others
            text += " ON DUPLICATE KEY UPDATE "
            text += changed.map { "\(dialect.quoted($0)) = VALUES(\(dialect.quoted($0)))" }.joined(separator: ", ")
        } else {
            // Without a condition SQLite takes ON for a join's.
            text += " WHERE true ON CONFLICT (\(list(primaryKey))) DO "
            text +=
                others.isEmpty
                ? "NOTHING"
                : "UPDATE SET "
                    + others.map { "\(dialect.quoted($0)) = excluded.\(dialect.quoted($0))" }.joined(separator: ", ")
        }
        return Statement(unsafe: text)
    }

    private func updating(_ key: [String]) -> [Statement] {
        let others = columnNames.filter { !key.contains($0) }
        guard !others.isEmpty else { return [] }
        if engine.isMySQLFamily {
            let changes = others.map { "t.\(dialect.quoted($0)) = s.\(dialect.quoted($0))" }.joined(separator: ", ")
            return [
                Statement(
                    unsafe: "UPDATE \(table) AS t JOIN \(staging) AS s ON \(matching(key, "t", "s")) SET \(changes)"
                )
            ]
        }
        let changes = others.map { "\(dialect.quoted($0)) = s.\(dialect.quoted($0))" }.joined(separator: ", ")
        return [
            Statement(
                unsafe: "UPDATE \(table) AS t SET \(changes) FROM \(staging) AS s WHERE \(matching(key, "t", "s"))"
            )
        ]
    }

    private func deleting(_ key: [String]) -> Statement {
        if engine.isMySQLFamily {
            return Statement(unsafe: "DELETE t FROM \(table) AS t JOIN \(staging) AS s ON \(matching(key, "t", "s"))")
        }
        return Statement(
            unsafe:
                "DELETE FROM \(table) AS t WHERE EXISTS (SELECT 1 FROM \(staging) AS s WHERE \(matching(key, "t", "s")))"
        )
    }

    // MARK: History

    private func historyName(_ index: Int) -> String { dialect.quoted(MergeRule.history[index]) }

    /// The columns that tell since and until when a row was so.
    var historyColumns: [String] {
        let type = ColumnType.timestampTZ(nil).mapping(to: engine, isKey: true).declaration ?? ""
        let flag = ColumnType.bool.mapping(to: engine, isKey: false).declaration ?? ""
        // MySQL's first TIMESTAMP would otherwise change with its row.
        let from = engine.isMySQLFamily ? "\(type) NOT NULL DEFAULT current_timestamp(6)" : "\(type) NOT NULL"
        return [
            "\(historyName(0)) \(from)", "\(historyName(1)) \(type)\(engine.isMySQLFamily ? " NULL" : "")",
            "\(historyName(2)) \(flag) NOT NULL",
        ]
    }

    private func closing(_ key: [String], at time: Instant) -> Statement {
        let others = columnNames.filter { !key.contains($0) }
        func differs(_ name: String) -> String {
            let (old, new) = ("t.\(dialect.quoted(name))", "s.\(dialect.quoted(name))")
            switch engine {
            case .postgresql: return "\(old) IS DISTINCT FROM \(new)"
            case .sqlite: return "\(old) IS NOT \(new)"
            case .mysql, .mariadb: return "NOT (\(old) <=> \(new))"
            }
        }
        let changed = others.isEmpty ? "1 = 0" : others.map(differs).joined(separator: " OR ")
        let condition = "t.\(historyName(2)) AND (\(changed))"
        var statement: Statement
        if engine.isMySQLFamily {
            statement = Statement(
                unsafe:
                    "UPDATE \(table) AS t JOIN \(staging) AS s ON \(matching(key, "t", "s")) SET t.\(historyName(1)) = "
            )
            statement.append(parameter: .timestampTZ(time))
            statement.append(unsafe: ", t.\(historyName(2)) = false WHERE \(condition)")
        } else {
            statement = Statement(unsafe: "UPDATE \(table) AS t SET \(historyName(1)) = ")
            statement.append(parameter: .timestampTZ(time))
            statement.append(
                unsafe:
                    ", \(historyName(2)) = false FROM \(staging) AS s WHERE \(matching(key, "t", "s")) AND \(condition)"
            )
        }
        return statement
    }

    private func insertingHistory(_ key: [String], at time: Instant) -> Statement {
        let columns = list(columnNames)
        var statement = Statement(
            unsafe:
                "INSERT INTO \(table) (\(columns), \(list(MergeRule.history))) SELECT \(columns), "
        )
        // A server that knows a parameter's type only by where it stands is told.
        if engine == .postgresql { statement.append(unsafe: "CAST(") }
        statement.append(parameter: .timestampTZ(time))
        if engine == .postgresql { statement.append(unsafe: " AS timestamp with time zone)") }
        let null = engine == .postgresql ? "CAST(NULL AS timestamp with time zone)" : "NULL"
        statement.append(
            unsafe:
                ", \(null), true FROM \(staging) AS s WHERE NOT EXISTS (SELECT 1 FROM \(table) AS t WHERE \(matching(key, "t", "s")) AND t.\(historyName(2)))"
        )
        return statement
    }
}
