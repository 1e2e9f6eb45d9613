import Roost
import RoostObservability
import RoostSQLite
import Testing

// The Swift blocks of Documentation/Observability.md.

@Suite struct ObservabilitySnippets {
    @Test func telemetryIsConfigured() throws {
        var configuration = try ConnectionConfiguration("postgresql://app@db.example/shop")
        configuration.observer = DatabaseTelemetry(poolName: "shop")
        configuration.slowQueryThreshold = .milliseconds(250)
        configuration.guards = .standard
        #expect(configuration.observer != nil)
    }

    @Test func theOrderPageAsksOnce() async throws {
        var configuration = try ConnectionConfiguration("sqlite::memory:")
        configuration.guards = .strict
        let database = try await DriverRegistry([SQLiteDriver()]).open(configuration)
        await #expect(throws: DatabaseError.self) {
            try await database.withConnection { connection in
                for id in 1...20 { try await connection.execute("select \(id)") }
            }
        }
        await database.close()
    }
}
