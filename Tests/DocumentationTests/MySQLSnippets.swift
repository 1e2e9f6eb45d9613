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
}
