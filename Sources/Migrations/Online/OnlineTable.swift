import Roost

/// The table in which a database remembers its online changes, beside the history.
struct OnlineTable {
    let connection: any Connection
    let name: [String]

    init(connection: any Connection, history: [String]) {
        self.connection = connection
        var parts = history
        if let last = parts.popLast() { parts.append(last + "_online") }
        name = parts
    }

    func create() async throws {
        try await connection.execute(
            """
            create table if not exists \(identifier: name) (
                name varchar(40) not null primary key, table_schema varchar(64) not null, table_name varchar(64) not null,
                column_name varchar(64) not null, kind varchar(16) not null, target text not null, expression text,
                phase varchar(16) not null, rows_done bigint not null, position text, started_at varchar(40) not null)
            """
        )
    }

    /// All changes, the oldest first; none where there is no table.
    func read() async throws -> [OnlineChange.State] {
        do {
            let rows = try await connection.query(
                """
                select name, table_schema, table_name, column_name, kind, target, expression, phase, rows_done, position, started_at \
                from \(identifier: name) order by started_at, name
                """
            ).decode((String, String, String, String, String, String, String?, String, Int64, String?, String).self)
                .fetchAll(limit: 100_000)
            return try rows.map { row in
                guard let phase = OnlineChange.Phase(rawValue: row.7),
                    let change = OnlineChange(
                        name: row.0,
                        table: [row.1, row.2],
                        column: row.3,
                        kind: row.4,
                        target: row.5,
                        expression: row.6
                    )
                else {
                    throw MigrationError(
                        .database,
                        "The table of online changes holds what this version does not know."
                    )
                }
                return OnlineChange.State(
                    change: change,
                    phase: phase,
                    rows: row.8,
                    startedAt: row.10,
                    position: row.9
                )
            }
        } catch let error as DatabaseError where error.condition == .undefinedTable {
            return []
        }
    }

    func find(_ change: String) async throws -> OnlineChange.State {
        guard let state = try await read().first(where: { $0.change.name == change }) else {
            throw MigrationError(
                .usage,
                "There is no online change \"\(change)\".",
                hint: "roost migrate online status lists them."
            )
        }
        return state
    }

    func insert(_ state: OnlineChange.State) async throws {
        let change = state.change
        try await connection.execute(
            """
            insert into \(identifier: name) values (\(change.name), \(change.table.first ?? ""), \(change.table.last ?? ""), \
            \(change.column), \(change.kindName), \(change.target), \(change.expression), \(state.phase.rawValue), \(state.rows), \
            \(state.position), \(state.startedAt))
            """
        )
    }

    func update(_ state: OnlineChange.State) async throws {
        try await connection.execute(
            """
            update \(identifier: name) set phase = \(state.phase.rawValue), rows_done = \(state.rows), \
            position = \(state.position) where name = \(state.change.name)
            """
        )
    }

    func remove(_ change: String) async throws {
        try await connection.execute("delete from \(identifier: name) where name = \(change)")
    }
}
