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

    static func listen(_ connection: PostgreSQLConnection) async throws {
        for try await message in try await connection.notifications(on: "jobs") {
            print(message.channel, message.payload)
        }
    }
}
