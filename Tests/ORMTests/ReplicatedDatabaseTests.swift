import Roost
import RoostORM
import RoostQuery
import RoostSQLite
import Testing

@Suite struct ReplicatedDatabaseTests {
    /// A database that cannot be reached.
    private struct Unreachable: ConnectionProvider {
        func acquire(
            for purpose: ConnectionPurpose,
            at place: SourcePlace
        ) async throws(DatabaseError) -> any Connection {
            throw DatabaseError(.operational, .cannotConnect, "Nobody answers.")
        }
        func release(_ connection: any Connection) async -> DatabaseError? { nil }
        func purpose(of statement: Statement) -> ConnectionPurpose { .writing }
        func close() async {}
    }

    /// A database whose one artist has this name.
    private func database(_ name: String) async throws -> Database {
        let database = try await DriverRegistry([SQLiteDriver()]).open(ConnectionConfiguration("sqlite::memory:"))
        try await database.define(
            Artist.columns.create(Artist.columns.define(\.id).identity()).constraints(.primaryKey(\.id))
        )
        try await database.insert(Artist(name: name))
        return database
    }

    private func name(_ shop: ReplicatedDatabase) async throws -> String? {
        try await shop.read { try await $0.fetchOne(Artist.all)?.name }
    }

    @Test func readsGoToReplicasInTurnAndWritesToTheWriter() async throws {
        let shop = ReplicatedDatabase(
            writer: try await database("writer"),
            replicas: [try await database("east"), try await database("west")]
        )
        var seen: [String?] = []
        for _ in 0..<4 { seen.append(try await name(shop)) }
        #expect(Set(seen) == ["east", "west"] && seen[0] == seen[2] && seen[1] == seen[3] && seen[0] != seen[1])
        _ = try await shop.write { try await $0.insert(Artist(name: "new")) }
        #expect(try await shop.writer.fetchAll(Artist.all, limit: 5).map(\.name) == ["writer", "new"])
        await shop.close()
    }

    @Test func whatCannotBeReachedIsPassedOver() async throws {
        let writer = try await database("writer")
        let gone = Database(
            name: "sqlite",
            dialect: .sqlite,
            capabilities: writer.capabilities,
            provider: Unreachable()
        )
        let shop = ReplicatedDatabase(writer: writer, replicas: [gone, try await database("east"), gone])
        for _ in 0..<4 { #expect(try await name(shop) == "east") }
        let alone = ReplicatedDatabase(writer: writer, replicas: [gone])
        #expect(try await name(alone) == "writer")
        #expect(try await name(ReplicatedDatabase(writer: writer, replicas: [])) == "writer")
        // An error of the body is the body's, whatever it says.
        var count = 0
        let reason = await condition {
            try await shop.read { _ in
                count += 1
                throw DatabaseError(.operational, .connectionLost, "Gone in the middle.")
            }
        }
        #expect(reason == .connectionLost && count == 1)
        await shop.close()
    }
}
