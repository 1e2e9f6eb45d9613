import Crypto
import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What keeps two runs on one database from interleaving.
///
/// PostgreSQL's advisory locks and MySQL's named locks belong to the session, so that they end with it, however it ends. On SQLite
/// each revision is applied in a transaction that excludes writers, after looking again at what is applied; the row of the lock only
/// makes others on this machine wait, and says who holds it.
///
/// All wait by asking again: a session that waits inside the server would hold a snapshot there, and `CREATE INDEX CONCURRENTLY` of
/// the one that holds the lock would wait for it in turn.
struct MigrationLock {
    let connection: any Connection
    let history: HistoryTable
    let configuration: MigrationConfiguration
    private let token: String
    private let name: String
    private let key: Int64

    init(connection: any Connection, history: HistoryTable, configuration: MigrationConfiguration) {
        self.connection = connection
        self.history = history
        self.configuration = configuration
        token = UUID().uuidString
        name = "roost.migrations." + history.name.joined(separator: ".")
        key = SHA256.hash(data: Array(name.utf8)).prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
    }

    /// Takes the lock; waits for it as long as the configuration allows.
    ///
    /// - Parameter waiting: is told once who holds it.
    func acquire(_ waiting: (String) -> Void) async throws {
        let deadline = ContinuousClock.now + configuration.lockWait
        var delay = Duration.milliseconds(50)
        var hasTold = false
        while true {
            guard let holder = try await attempt() else { return }
            if !hasTold { waiting(holder) }
            hasTold = true
            guard ContinuousClock.now < deadline else {
                throw MigrationError(
                    .locked,
                    "Another run holds the lock of the migrations: \(holder).",
                    hint: "Wait for it, allow more time with --wait, or end that session."
                )
            }
            try await Task.sleep(for: delay)
            delay = min(delay * 2, .seconds(1))
        }
    }

    /// Tries once.
    ///
    /// - Returns: nil when the lock is ours now, else who holds it.
    private func attempt() async throws -> String? {
        switch connection.dialect.name {
        case "postgresql": try await attemptPostgreSQL()
        case "mysql", "mariadb": try await attemptMySQL()
        case "sqlite": try await attemptSQLite()
        default:
            throw MigrationError(.usage, "Migrations have no lock for \(connection.dialect.name).")
        }
    }

    /// Gives the lock back. A session that broke has given it back already.
    func release() async {
        switch connection.dialect.name {
        case "postgresql":
            _ = try? await connection.execute("select pg_advisory_unlock(\(key)::bigint)")
        case "mysql", "mariadb":
            if let name = try? await mysqlName() { _ = try? await connection.execute("select release_lock(\(name))") }
        default:
            _ = try? await connection.execute("delete from \(identifier: lockTable) where token = \(token)")
            RunIdentity.tokens.withLock { _ = $0.remove(token) }
        }
    }

    // MARK: PostgreSQL

    private func attemptPostgreSQL() async throws -> String? {
        if connection.transportDescription?.contains("pooler") == true {
            throw MigrationError(
                .usage,
                "Migrations cannot be locked through a pooler, which lends the session to others.",
                hint: "Connect to the server itself for migrations."
            )
        }
        let isOurs = try await connection.query("select pg_try_advisory_lock(\(key)::bigint)").decode(Bool.self)
            .fetchOnly()
        if isOurs { return nil }
        let rows = try await connection.query(
            """
            select coalesce(a.usename, '?') || ' (process ' || l.pid || coalesce(', ' || host(a.client_addr), '') || \
            ', ' || coalesce(nullif(a.application_name, ''), 'unnamed') || ', since ' || \
            to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS') || ')' \
            from pg_locks l left join pg_stat_activity a on a.pid = l.pid \
            where l.locktype = 'advisory' and l.granted and l.objsubid = 1 \
            and l.database = (select oid from pg_database where datname = current_database()) \
            and l.classid::bigint = \((key >> 32) & 0xFFFF_FFFF)::bigint and l.objid::bigint = \(key & 0xFFFF_FFFF)::bigint limit 1
            """
        ).decode(String?.self).fetchAll(limit: 1)
        return (rows.first ?? nil) ?? "a session that has ended since"
    }

    // MARK: MySQL and MariaDB

    /// Named locks are the server's, not the database's, and have at most 64 characters.
    private func mysqlName() async throws -> String {
        let database = try await connection.query("select database()").decode(String?.self).fetchOnly()
        let digest = SHA256.hash(data: Array("\(database ?? "")/\(name)".utf8)).hexadecimal
        return "roost." + digest.prefix(40)
    }

    private func attemptMySQL() async throws -> String? {
        let name = try await mysqlName()
        let answer = try await connection.query("select get_lock(\(name), 0)").decode(Int64?.self).fetchOnly()
        if answer == 1 { return nil }
        guard let id = try await connection.query("select is_used_lock(\(name))").decode(Int64?.self).fetchOnly() else {
            return "a session that has ended since"
        }
        // MySQL fails to show any session while one runs a statement with bytes that are not text in its catalogue's character set.
        let row = try? await connection.query(
            "select user, host from information_schema.processlist where id = \(id)"
        ).decode((String, String).self).fetchOne()
        guard let (user, host) = row else { return "connection \(id)" }
        return "\(user)@\(host) (connection \(id))"
    }

    // MARK: SQLite

    private var lockTable: [String] {
        var parts = history.name
        if let last = parts.popLast() { parts.append(last + "_lock") }
        return parts
    }

    private func attemptSQLite() async throws -> String? {
        // A token that is known keeps its row alive; one whose commit failed is forgotten, whatever became of the row.
        RunIdentity.tokens.withLock { _ = $0.insert(token) }
        var isOurs = false
        defer { if !isOurs { RunIdentity.tokens.withLock { _ = $0.remove(token) } } }
        do {
            let holder = try await connection.inTransaction { try await self.claim() }
            isOurs = holder == nil
            return holder
        } catch let error as DatabaseError where error.condition == .lockTimeout {
            return "another connection that writes"
        }
    }

    private func claim() async throws -> String? {
        try await connection.execute(
            """
            create table if not exists \(identifier: lockTable) (token text primary key, holder text not null, \
            host text not null, process integer not null, began text not null, since text not null)
            """
        )
        let rows = try await connection.query(
            "select token, holder, host, process, began, since from \(identifier: lockTable)"
        ).decode((String, String, String, Int64, String, String).self).fetchAll(limit: 1_000)
        let (host, process) = (RunIdentity.host, RunIdentity.process)
        for row in rows where row.2 == host && row.0 != token {
            let lives =
                row.3 == process
                ? RunIdentity.tokens.withLock { $0.contains(row.0) } : RunIdentity.lives(row.3, began: row.4)
            if lives { return "\(row.1) (process \(row.3), since \(row.5))" }
        }
        try await connection.execute("delete from \(identifier: lockTable)")
        try await connection.execute(
            """
            insert into \(identifier: lockTable) values (\(token), \(configuration.user), \(host), \(process), \
            \(RunIdentity.start(of: process) ?? ""), \(MigrationClock.now()))
            """
        )
        return nil
    }
}

extension Connection {
    /// Runs `body` in a transaction that is rolled back when it throws.
    nonisolated func inTransaction<R>(_ body: () async throws -> R) async throws -> R {
        try await begin(.readWrite)
        do {
            let result = try await body()
            try await commit()
            return result
        } catch {
            try? await rollback()
            throw error
        }
    }
}
