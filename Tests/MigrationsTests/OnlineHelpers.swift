import Roost
import RoostMigrations

extension OnlineMigration {
    /// Online changes that fill few rows at a time, without a pause.
    static func inSmallPortions(_ connection: any Connection) throws -> OnlineMigration {
        var online = OnlineMigration(Migrator(connection: connection, graph: try RevisionGraph([])))
        online.batch = 37
        online.pause = .zero
        return online
    }
}

extension Connection {
    /// The number a question has for an answer.
    func number(_ question: Statement) async throws -> Int {
        try await query(question).decode(Int.self).fetchOnly()
    }
}
