import Roost

/// The table in which a database remembers its revisions.
struct HistoryTable {
    let connection: any Connection
    /// Its name, with the schema where one was given.
    let name: [String]

    init(connection: any Connection, name: String) {
        self.connection = connection
        self.name = name.split(separator: ".").map(String.init)
    }

    private static let columns = """
        revision, sequence, description, checksum, state, applied_by, started_at, duration_ms, tool_version, steps, \
        steps_done, step_started, step_checksum, step_fingerprint
        """

    /// The statement that makes it where it is missing.
    static func creation(_ name: [String], dialect: Dialect) -> Statement {
        // Names of revisions are compared byte by byte everywhere.
        let isMySQL = dialect.name == "mysql" || dialect.name == "mariadb"
        let exact = isMySQL ? " character set utf8mb4 collate utf8mb4_bin" : ""
        return """
            create table if not exists \(identifier: name) (
                revision varchar(64)\(unsafe: exact) not null primary key,
                sequence bigint not null,
                description varchar(255) not null,
                checksum varchar(80) not null,
                state varchar(16) not null,
                applied_by varchar(255) not null,
                started_at varchar(40) not null,
                duration_ms bigint,
                tool_version varchar(40) not null,
                steps bigint not null,
                steps_done bigint not null,
                step_started bigint not null,
                step_checksum varchar(80) not null,
                step_fingerprint varchar(200) not null
            )
            """
    }

    func create() async throws {
        if try await read() != nil { return }
        try await connection.execute(Self.creation(name, dialect: connection.dialect))
    }

    /// What it says, in the order in which revisions were applied; nil when there is no such table.
    func read() async throws -> [HistoryEntry]? {
        do {
            return try await fetch(
                "select \(unsafe: Self.columns) from \(identifier: name) order by sequence, revision"
            )
        } catch let error as DatabaseError where error.condition == .undefinedTable {
            return nil
        }
    }

    func entry(_ revision: String) async throws -> HistoryEntry? {
        try await fetch(
            "select \(unsafe: Self.columns) from \(identifier: name) where revision = \(revision)"
        ).first
    }

    private func fetch(_ statement: Statement) async throws -> [HistoryEntry] {
        let rows = try await connection.query(statement).fetchAll(limit: 1_000_000)
        return try rows.map { try HistoryEntry($0) }
    }

    /// Writes what is known of a revision, in the transaction that is open.
    func put(_ entry: HistoryEntry) async throws {
        try await connection.execute("delete from \(identifier: name) where revision = \(entry.revision)")
        try await connection.execute(Self.insertion(entry, into: name))
    }

    static func insertion(_ entry: HistoryEntry, into name: [String]) -> Statement {
        """
        insert into \(identifier: name) (\(unsafe: columns)) values (\(entry.revision), \(entry.sequence), \
        \(entry.description), \(entry.checksum), \(entry.state.rawValue), \(entry.appliedBy), \(entry.startedAt), \
        \(entry.durationMilliseconds), \(entry.toolVersion), \(Int64(entry.steps)), \(Int64(entry.stepsDone)), \
        \(Int64(entry.stepStarted)), \(entry.stepChecksum), \(entry.stepFingerprint))
        """
    }

    func remove(_ revision: String) async throws {
        try await connection.execute("delete from \(identifier: name) where revision = \(revision)")
    }

    /// Writes how far the statements of a revision are.
    func progress(_ entry: HistoryEntry) async throws {
        try await connection.execute(
            """
            update \(identifier: name) set steps_done = \(Int64(entry.stepsDone)), step_started = \(Int64(entry.stepStarted)), \
            step_checksum = \(entry.stepChecksum), step_fingerprint = \(entry.stepFingerprint) \
            where revision = \(entry.revision)
            """
        )
    }
}

extension HistoryEntry {
    /// Reads a row of the table.
    init(_ row: Row) throws {
        func text(_ name: String) throws -> String { try row.decode(name, as: String.self) }
        func number(_ name: String) throws -> Int64 { try row.decode(name, as: Int64.self) }
        let stateName = try text("state")
        guard let state = State(rawValue: stateName) else {
            throw MigrationError(
                .database,
                "The history table holds the state \"\(stateName)\", which this version does not know.",
                hint: "A newer version of the tool wrote it: use that one."
            )
        }
        self.state = state
        revision = try text("revision")
        sequence = try number("sequence")
        description = try text("description")
        checksum = try text("checksum")
        appliedBy = try text("applied_by")
        startedAt = try text("started_at")
        durationMilliseconds = try row.decode("duration_ms", as: Int64?.self)
        toolVersion = try text("tool_version")
        steps = Int(try number("steps"))
        stepsDone = Int(try number("steps_done"))
        stepStarted = Int(try number("step_started"))
        stepChecksum = try text("step_checksum")
        stepFingerprint = try text("step_fingerprint")
        guard steps >= 0, (0...steps).contains(stepsDone), (stepsDone...steps).contains(stepStarted) else {
            throw MigrationError(
                .database,
                "The history table contradicts itself about the steps of revision \(revision)."
            )
        }
    }
}
