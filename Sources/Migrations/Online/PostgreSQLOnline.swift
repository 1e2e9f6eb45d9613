import Roost

/// Online changes on PostgreSQL, where definitions and their record share a transaction.
struct PostgreSQLOnline: OnlineEngine {
    private let facts: PostgreSQLOnlineFacts
    private let definitions: PostgreSQLOnlineDefinitions

    /// Looks at the table.
    ///
    /// - Parameter refusingUsers: whether it is an error when others stand on a column whose type changes.
    static func read(
        _ change: OnlineChange,
        from connection: any Connection,
        refusingUsers: Bool
    ) async throws -> PostgreSQLOnline {
        let facts = try await PostgreSQLOnlineFacts.read(change, from: connection, refusingUsers: refusingUsers)
        return PostgreSQLOnline(facts: facts, definitions: PostgreSQLOnlineDefinitions(change, facts))
    }

    var table: [String] { facts.table }
    var assignment: Statement? { definitions.assignment }
    func isOutOfStep(_ state: OnlineChange.State) -> Bool { false }
    func canBeTakenBack(_ state: OnlineChange.State) -> Bool { state.phase != .completed }

    func portionEnd(after position: String?, size: Int) -> Statement {
        definitions.portionEnd(after: position, size: size)
    }

    func portion(_ assignment: Statement, after first: String?, upTo last: String?) -> Statement {
        definitions.portion(assignment, after: first, upTo: last)
    }

    func expand(_ state: OnlineChange.State, isNew: Bool, _ run: OnlineRun) async throws -> OnlineChange.State {
        guard isNew else { return state }
        var begun = state
        begun.phase = .filling
        let record = begun
        try await run.transaction {
            for statement in definitions.expand() { try await run.connection.execute(statement) }
            try await run.table.insert(record)
        }
        return begun
    }

    func contract(_ state: OnlineChange.State, _ run: OnlineRun) async throws {
        // Reads the table while others work; what follows needs no reading then.
        for statement in definitions.validate() {
            try await run.transaction { try await run.connection.execute(statement) }
        }
        var done = state
        done.phase = .completed
        let record = done
        try await run.transaction {
            for statement in definitions.contract() { try await run.connection.execute(statement) }
            try await run.table.update(record)
        }
    }

    func takeBack(_ state: OnlineChange.State, _ run: OnlineRun) async throws {
        try await run.transaction {
            for statement in definitions.takeBack() { try await run.connection.execute(statement) }
            try await run.table.remove(state.change.name)
        }
    }
}
