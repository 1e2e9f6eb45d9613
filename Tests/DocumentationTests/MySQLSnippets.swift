import Roost
import RoostMySQL

// The Swift blocks of Documentation/MySQL.md. They compile here; what they do is tested by RoostMySQLTests on real servers.

enum MySQLSnippets {
    static func open() async throws -> [String] {
        let database = try await DriverRegistry([MySQLDriver(.mysql), MySQLDriver(.mariadb)]).open(
            ConnectionConfiguration("mariadb://app@db.example/shop?pool_size=16")
        )
        let names = try await database.fetchAll("select name from customer limit 100", as: String.self, limit: 100)
        await database.close()
        return names
    }

    static func warnings(_ connection: MySQLConnection) async throws {
        let summary = try await connection.execute("insert ignore into customer (id, name) values (1, 'Ada')")
        for warning in summary.warnings { print(warning.severity, warning.code ?? "", warning.message) }
    }

    static func load(_ connection: MySQLConnection, _ chunks: AsyncStream<[UInt8]>) async throws -> Int? {
        try await connection.load(into: "point", columns: ["x", "y"], rows: [(1, 2.5), (3, 4.5)])
        var format = LoadFormat.csv
        format.skippedLines = 1
        let summary = try await connection.load(
            into: "customer",
            columns: ["id", "name"],
            format: format,
            data: chunks
        )
        return summary.rowsAffected
    }

    static func cursor(_ connection: MySQLConnection) async throws {
        let cursor = try await connection.openCursor("select id, name from customer order by id", arraySize: 500)
        while case let portion = try await cursor.fetchMany(), !portion.isEmpty {
            try await connection.execute("insert into progress (customers) values (\(portion.count))")
        }
    }

    static func locks(_ connection: MySQLConnection) async throws -> (Bool, Int) {
        let wasFree = try await connection.withNamedLock("nightly-report", waits: false) { connection in
            try await connection.execute("call make_report()")
        }
        let orders = try await connection.withConsistentSnapshot { connection in
            try await connection.query("select count(*) from orders").decode(Int.self).fetchOnly()
        }
        return (wasFree != nil, orders)
    }
}
