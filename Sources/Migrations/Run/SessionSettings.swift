import Roost

/// How long the session waits for locks while migrations run, and how it was before.
struct SessionSettings {
    let connection: any Connection
    let configuration: MigrationConfiguration

    private static let mysqlVariables = ["lock_wait_timeout", "innodb_lock_wait_timeout"]

    /// Sets them.
    ///
    /// - Returns: what ``restore(_:)`` takes.
    func set() async throws -> [Int64] {
        let milliseconds = max(configuration.lockTimeout.wholeMilliseconds, 1)
        switch connection.dialect.name {
        case "postgresql":
            try await connection.execute("set lock_timeout = \(unsafe: "\(milliseconds)")")
        case "mysql", "mariadb":
            var before: [Int64] = []
            for name in Self.mysqlVariables {
                before.append(
                    try await connection.query("select @@session.\(unsafe: name)").decode(Int64.self).fetchOnly()
                )
                // Whole seconds, as the server counts.
                try await connection.execute(
                    "set session \(unsafe: name) = \(unsafe: "\(max((milliseconds + 999) / 1_000, 1))")"
                )
            }
            return before
        default:
            // SQLite's connection has its own, and waits before a transaction begins.
            break
        }
        return []
    }

    func restore(_ before: [Int64]) async {
        switch connection.dialect.name {
        case "postgresql":
            _ = try? await connection.execute("reset lock_timeout")
        default:
            for (name, value) in zip(Self.mysqlVariables, before) {
                _ = try? await connection.execute("set session \(unsafe: name) = \(unsafe: "\(value)")")
            }
        }
    }
}
