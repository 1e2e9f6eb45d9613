import Foundation
import Roost
import RoostPipelines
import RoostSchema
import RoostTestSupport
import Testing

/// The Chinook sample database (Tests/Data/Chinook) goes from engine to engine and comes back as it was: Roost says so, and each engine's
/// own client does.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ChinookChainTests {
    private typealias Place = (engine: TestDatabase, url: DatabaseURL, connection: any Connection)

    private func script() throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Data/Chinook/chinook.sql")
        return try String(contentsOf: file, encoding: .utf8)
    }

    /// What a table has to keep besides its rows: where NULL may be, keys.
    private func shape(_ connection: any Connection) async throws -> [String] {
        try await Schema.read(from: connection).tables.flatMap { table in
            let key = table.primaryKey?.columns ?? []
            let columns = table.columns.map { "\(table.name).\($0.name) \($0.isNullable && !key.contains($0.name))" }
            return columns + ["\(table.name) key \(key)"]
                + table.foreignKeys.map { "\(table.name)(\($0.columns)) → \($0.referencedTable)" }.sorted()
        }.sorted()
    }

    @Test(.enabled(if: TestDatabase.running.count == TestDatabase.allCases.count))
    func itComesBackTheSame() async throws {
        try await places([.sqlite, .postgresql, .mysql, .mariadb, .sqlite]) { chain in
            let (first, last) = (chain[0].connection, chain[4].connection)
            for part in StatementSplitter.split(try script(), dialect: .sqlite) {
                try await first.execute(Statement(unsafe: part.text))
            }
            for (one, next) in zip(chain, chain.dropFirst()) {
                var options = CopyOptions()
                options.verifies = true
                let plan = try await CopyPlan.make(from: one.connection, to: next.connection, options)
                let results = try await DatabaseCopy(from: one.connection, to: next.connection, plan).run()
                #expect(results.reduce(0) { $0 + $1.rows } == 15_607)
            }
            let (before, after) = (try await shape(first), try await shape(last))
            #expect(before == after)
            for table in try await Schema.read(from: first).tables {
                let (left, right) = (
                    try await StatementSource.table(table.name.name, on: first),
                    try await StatementSource.table(table.name.name, on: last)
                )
                let report = try await RowComparison(left.source, right.source, key: left.key).run()
                #expect(report.isEqual, "\(table.name): \(report.summary)")
                let original = try await OwnClient(chain[0].engine, chain[0].url, first.dialect).rows(of: table)
                #expect(!original.isEmpty)
                for place in chain.dropFirst() {
                    #expect(
                        try await OwnClient(place.engine, place.url, place.connection.dialect).rows(of: table)
                            == original,
                        "\(table.name) on \(place.engine)"
                    )
                }
            }
        }
    }

    /// A database of its own for each.
    private func places(
        _ engines: [TestDatabase],
        _ opened: [Place] = [],
        _ body: ([Place]) async throws -> Void
    ) async throws {
        guard let engine = engines.first else { return try await body(opened) }
        try await engine.withDatabaseURL { url, connection in
            try await places(Array(engines.dropFirst()), opened + [(engine, url, connection)], body)
        }
    }
}

/// An engine's own command line client.
private struct OwnClient {
    private let engine: TestDatabase
    private let url: DatabaseURL
    private let dialect: Dialect

    init(_ engine: TestDatabase, _ url: DatabaseURL, _ dialect: Dialect) {
        self.engine = engine
        self.url = url
        self.dialect = dialect
    }

    /// A table's rows as lines, however the engine writes numbers and times; sorted here, for each engine has an order of its own.
    func rows(of table: Schema.Table) async throws -> [String] {
        let columns = table.columns.map { column in
            "coalesce(\(text(dialect.quoted(column.name), column.type.spelling.uppercased())), '~')"
        }
        let output = try await run("select \(columns.joined(separator: ", ")) from \(dialect.quoted(table.name.name))")
        return output.split(separator: "\n").map { String($0).replacing("\t", with: "|") }.sorted()
    }

    private func text(_ name: String, _ type: String) -> String {
        switch engine {
        case .sqlite:
            if type.hasPrefix("NUMERIC") { return "cast(cast(round(\(name) * 100) as integer) as text)" }
            return type.hasPrefix("TIMESTAMP") ? "strftime('%Y-%m-%d %H:%M:%S', \(name))" : "cast(\(name) as text)"
        case .postgresql:
            if type.hasPrefix("NUMERIC") { return "(\(name) * 100)::bigint::text" }
            return type.hasPrefix("TIMESTAMP") ? "to_char(\(name), 'YYYY-MM-DD HH24:MI:SS')" : "\(name)::text"
        case .mysql, .mariadb:
            if type.hasPrefix("NUMERIC") { return "cast(cast(\(name) * 100 as signed) as char)" }
            return type.hasPrefix("TIMESTAMP")
                ? "date_format(\(name), '%Y-%m-%d %H:%i:%s')" : "cast(\(name) as char character set utf8mb4)"
        }
    }

    private func run(_ query: String) async throws -> String {
        let place = ["-h", url.hosts.first?.name ?? "127.0.0.1"]
        let port = url.hosts.first?.port.map(String.init) ?? ""
        let (variable, arguments): (String, [String]) =
            switch engine {
            case .sqlite: ("", ["sqlite3", "-batch", "-separator", "|", url.database, query])
            case .postgresql:
                (
                    "PGPASSWORD",
                    ["psql", "-X", "-A", "-t", "-F", "|", "-c", query, "-p", port, "-U", url.user ?? ""] + place
                        + ["-d", url.database]
                )
            case .mysql, .mariadb:
                (
                    "MYSQL_PWD",
                    [
                        "mariadb", "--no-defaults", "--ssl", "--batch", "--raw", "--skip-column-names",
                        "--default-character-set=utf8mb4", "-e", query, "-P", port, "-u", url.user ?? "",
                    ] + place + [url.database]
                )
            }
        let variables = variable.isEmpty ? [:] : [variable: url.password?.reveal() ?? ""]
        let output = try await SubProcess.run("/usr/bin/env", arguments, variables: variables)
        return String(decoding: output, as: UTF8.self)
    }
}
