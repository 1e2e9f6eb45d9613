import Roost
import RoostSchema

/// Online changes on MySQL and MariaDB, where every definition commits by itself.
///
/// So each step looks at what is there, and can be done again after a crash at any moment. The change-over happens while the table is
/// locked by `LOCK TABLES`, for as long as the catalogue takes. Where the triggers of a rename go with it they go last: after a crash just
/// then, writers get errors until the change is completed, while two names that drift apart would lose what they write.
struct MySQLOnline: OnlineEngine {
    private let facts: MySQLOnlineFacts
    private let definitions: MySQLOnlineDefinitions

    private init(_ facts: MySQLOnlineFacts) {
        self.facts = facts
        definitions = MySQLOnlineDefinitions(facts)
    }

    /// Looks at the table.
    static func read(
        _ change: OnlineChange,
        from connection: any Connection,
        isNew: Bool
    ) async throws -> MySQLOnline {
        let facts = try await MySQLOnlineFacts.read(change, from: connection, isNew: isNew)
        _ = try MySQLOnlineKey(facts.table)
        return MySQLOnline(facts)
    }

    private var kind: OnlineChange.Kind { facts.change.kind }
    private var tableName: Statement { "\(identifier: table)" }
    private var isExchanged: Bool { facts.twin == nil }

    var table: [String] { [facts.database, facts.table.name.name] }
    var assignment: Statement? { definitions.assignment }

    func isOutOfStep(_ state: OnlineChange.State) -> Bool {
        // Its triggers go first, so that the first column, which alone is written to, has the truth.
        if case .type = kind { state.phase == .completing && !isExchanged } else { false }
    }

    func canBeTakenBack(_ state: OnlineChange.State) -> Bool {
        switch state.phase {
        case .starting, .filling, .filled: true
        case .completed: false
        case .completing:
            switch kind {
            case .rename: facts.column != nil && !isExchanged
            case .type: !isExchanged
            case .notNull: facts.column?.isNullable == true
            }
        }
    }

    func portionEnd(after position: String?, size: Int) throws -> Statement {
        try definitions.portionEnd(after: position, size: size)
    }

    func portion(_ assignment: Statement, after first: String?, upTo last: String?) throws -> Statement {
        try definitions.portion(assignment, after: first, upTo: last)
    }

    // MARK: Steps

    func expand(_ begun: OnlineChange.State, isNew: Bool, _ run: OnlineRun) async throws -> OnlineChange.State {
        var state = begun
        if isNew {
            state.phase = .starting
            let record = state
            try await run.transaction { try await run.table.insert(record) }
        }
        do {
            if facts.twin == nil, let statement = try definitions.addTwin() { try await alter(statement, run) }
            try await make(definitions.triggers(), run)
        } catch let error as DatabaseError where isNew {
            // What the server refused leaves nothing behind, as a transaction would.
            try? await takeBack(state, run)
            throw error
        }
        state.phase = .filling
        let record = state
        try await run.transaction { try await run.table.update(record) }
        return state
    }

    func contract(_ begun: OnlineChange.State, _ run: OnlineRun) async throws {
        var state = begun
        if state.phase != .completing {
            state.phase = .completing
            let record = state
            try await run.transaction { try await run.table.update(record) }
        }
        switch kind {
        case .rename:
            if facts.column != nil, !isExchanged {
                try await locked(run) {
                    try await run.connection.execute(definitions.exchange())
                    try await drop(definitions.triggers(), run)
                }
            }
        case .type:
            try await make(definitions.guards(), run)
            if !isExchanged {
                try await locked(run) {
                    try await drop(definitions.triggers(), run)
                    do {
                        try await run.connection.execute(definitions.exchange())
                    } catch {
                        for (_, statement) in definitions.triggers() {
                            _ = try? await run.connection.execute(statement)
                        }
                        throw error
                    }
                }
            }
            if definitions.guardsType { try await forbidNull(run) }
            try await drop(definitions.guards(), run)
        case .notNull:
            try await forbidNull(run)
        }
        try await drop(definitions.triggers(), run)
        state.phase = .completed
        let record = state
        try await run.transaction { try await run.table.update(record) }
    }

    func takeBack(_ state: OnlineChange.State, _ run: OnlineRun) async throws {
        if case .notNull = kind {
            try await drop(definitions.triggers(), run)
        } else {
            // What was added since the facts were read goes too.
            let facts = try await MySQLOnlineFacts.read(facts.change, from: run.connection, isNew: false)
            let definitions = MySQLOnlineDefinitions(facts)
            try await locked(run) {
                try await drop(definitions.triggers() + definitions.guards(), run)
                if facts.twin != nil {
                    var statement = definitions.dropTwin()
                    statement.append(MySQLOnlineDefinitions.atOnce)
                    try await run.connection.execute(statement)
                }
            }
        }
        try await run.transaction { try await run.table.remove(state.change.name) }
    }

    private func forbidNull(_ run: OnlineRun) async throws {
        guard let statement = try definitions.forbidNull() else { return }
        try await run.retrying { try await run.connection.execute(statement) }
    }

    /// Alters the table at once, or beside those who use it where the server cannot do that.
    private func alter(_ statement: Statement, _ run: OnlineRun) async throws {
        try await run.retrying {
            do {
                try await run.connection.execute("\(statement)\(MySQLOnlineDefinitions.atOnce)")
            } catch let error as DatabaseError where error.condition == .notSupported {
                try await run.connection.execute("\(statement)\(MySQLOnlineDefinitions.besideOthers)")
            }
        }
    }

    private func make(_ triggers: [(name: String, statement: Statement)], _ run: OnlineRun) async throws {
        for (name, statement) in triggers where !facts.triggers.contains(name) {
            try await run.retrying { try await run.connection.execute(statement) }
        }
    }

    private func drop(_ triggers: [(name: String, statement: Statement)], _ run: OnlineRun) async throws {
        for (name, _) in triggers {
            try await run.retrying { try await run.connection.execute("drop trigger if exists \(identifier: name)") }
        }
    }

    /// Keeps everybody else from the table while `body` runs; gives way while others have it.
    private func locked(_ run: OnlineRun, _ body: () async throws -> Void) async throws {
        try await run.retrying { try await run.connection.execute("lock tables \(tableName) write") }
        do {
            try await body()
        } catch {
            _ = try? await run.connection.execute("unlock tables")
            throw error
        }
        try await run.connection.execute("unlock tables")
    }
}
