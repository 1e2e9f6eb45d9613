import Foundation
import Roost
import RoostPostgreSQL
import Testing

// The Swift blocks of Documentation/PostgreSQL.md. They compile here; what they do is tested by RoostPostgreSQLTests on real servers.

enum PostgreSQLSnippets {
    static func open() async throws -> [String] {
        let database = try await DriverRegistry([PostgreSQLDriver()]).open(
            ConnectionConfiguration("postgresql://app@db.example/shop?pool_size=16")
        )
        let names = try await database.fetchAll("select name from customer limit 100", as: String.self, limit: 100)
        await database.close()
        return names
    }

    static func free(_ connection: PostgreSQLConnection, _ arrival: LocalDate, _ departure: LocalDate) async throws
        -> Bool
    {
        let stay = PostgreSQLRange(arrival..<departure)
        let rows = try await connection.query("select room, during, guest_address from booking where during && \(stay)")
            .decode((Int, PostgreSQLRange<LocalDate>, PostgreSQLInternetAddress?).self).fetchAll(limit: 100)
        let free = rows.allSatisfy { !$0.1.contains(arrival) }
        return free
    }

    static func pipeline(_ connection: PostgreSQLConnection) async throws -> (Int, [String]) {
        let (customers, cities) = try await connection.pipeline { pipeline in
            (
                pipeline.one("select count(*) from customer", as: Int.self),
                pipeline.all("select distinct city from customer", as: String.self, limit: 1_000)
            )
        }
        return (customers, cities)
    }

    static func copyIn(_ connection: PostgreSQLConnection) async throws -> Int {
        let rows = (1...100_000).map { ($0, "name \($0)") }
        let copied = try await connection.copyIn(to: "customer", columns: ["id", "name"], rows: rows)
        return copied
    }

    static func copyOut(_ connection: PostgreSQLConnection, to output: FileHandle) async throws {
        for try await chunk in try await connection.copyOut("select * from customer", format: .csv, options: "header") {
            try output.write(contentsOf: chunk)
        }
    }

    static func listen(_ configuration: ConnectionConfiguration) async throws {
        for try await event in PostgreSQLListener(configuration, channels: ["jobs"]) {
            switch event {
            case .listening: print("look at the table of jobs now")
            case .message(let message): print(message.channel, message.payload)
            }
        }
    }

    static func cursor(_ connection: PostgreSQLConnection, _ city: String) async throws -> ((Int, String)?, Int) {
        let cursor = try await connection.declareCursor(
            for: "select id, name from customer where city = \(city)",
            scrolls: true,
            holds: true
        )
        let last = try await cursor.fetch(.absolute(-1)).decode((Int, String).self).fetchOne()
        let before = try await cursor.fetch(.backward(10)).decode((Int, String).self).fetchAll(limit: 10)
        try await cursor.close()
        return (last, before.count)
    }

    static func lock(_ connection: PostgreSQLConnection) async throws {
        let done = try await connection.withAdvisoryLock(4_711, waits: false) { connection in
            try await connection.execute("refresh materialized view sales")
        }
        print(done == nil ? "somebody else is at it" : "refreshed")
    }
}
