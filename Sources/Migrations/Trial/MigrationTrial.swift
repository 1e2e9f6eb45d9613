public import Roost
import RoostSchema

/// Tries revisions on tables that have rows: each up, down and up again, and looks whether the rows are still there.
public struct MigrationTrial: Sendable {
    /// Applies the revisions; its database is taken for empty.
    public let migrator: Migrator
    /// How many rows each new table gets; none for zero.
    public var rows = 0
    /// Puts rows into the database once, after ``seedAfter``.
    public var seed: (@Sendable (any Connection) async throws -> Void)?
    /// The revisions that are applied before ``seed`` is called.
    public var seedAfter: Set<String> = []

    /// What came of it.
    public struct Report: Sendable, Hashable {
        /// Rows that were lost, and what no longer is as it was.
        public var findings: [String] = []
        /// Tables that got no rows, and why.
        public var unfilled: Set<String> = []
    }

    /// A trial.
    public init(_ migrator: Migrator) { self.migrator = migrator }

    /// Applies, rolls back and applies each revision again, then gives rows to what is new.
    ///
    /// - Throws: ``MigrationError`` when a revision fails on the rows there are.
    public func run() async throws(MigrationError) -> Report {
        try await wrappingErrors { try await trials() }
    }

    private func trials() async throws -> Report {
        var report = Report()
        let graph = migrator.graph
        var ahead = seedAfter
        if ahead.isEmpty { try await plant() }
        for revision in graph.revisions {
            let before = try await counts()
            try await migrator.apply(upTo: .revision(revision.id))
            let after = try await counts()
            if !deletes(revision, .up) { report.findings += lost(before, after, "revision \(revision.id)") }
            if revision.isReversible(dialect: migrator.dialect) {
                try await migrator.rollback(downTo: .relative(-1))
                let back = try await counts()
                if !deletes(revision, .up), !deletes(revision, .down) {
                    report.findings += lost(before, back, "the way down of revision \(revision.id)")
                }
                try await migrator.apply(upTo: .revision(revision.id))
                if !deletes(revision, .up) {
                    report.findings += lost(before, try await counts(), "the second run of revision \(revision.id)")
                }
            }
            if ahead.remove(revision.id) != nil, ahead.isEmpty { try await plant() }
            if rows > 0 {
                let schema = try await Schema.read(from: migrator.connection)
                // A failure of an earlier revision may be mended by a later one.
                report.unfilled = Set(
                    try await SeedRows(for: schema, count: rows).fill(migrator.connection, except: own(schema))
                )
            }
        }
        return report
    }

    private func plant() async throws { try await seed?(migrator.connection) }

    private func own(_ schema: Schema) -> Set<ObjectName> {
        let name = migrator.history.name.last ?? ""
        return Set(schema.tables.map(\.name).filter { $0.name == name || $0.name == name + "_lock" })
    }

    /// The rows of each table. A trial's database is small.
    private func counts() async throws -> [ObjectName: Int64] {
        let schema = try await Schema.read(from: migrator.connection)
        let own = own(schema)
        var result: [ObjectName: Int64] = [:]
        for table in schema.tables where table.kind == .base && !own.contains(table.name) {
            result[table.name] = try await SeedRows.count(table.name, on: migrator.connection)
        }
        return result
    }

    private func lost(_ before: [ObjectName: Int64], _ after: [ObjectName: Int64], _ what: String) -> [String] {
        before.sorted { $0.key < $1.key }.compactMap { table, count in
            guard let now = after[table], now < count else { return nil }
            return "\(table) had \(count) rows, and \(now) after \(what)"
        }
    }

    /// Whether the revision means to remove rows.
    private func deletes(_ revision: Revision, _ direction: Revision.Direction) -> Bool {
        guard let steps = try? revision.steps(direction, dialect: migrator.dialect) else { return true }
        return steps.contains {
            let tokens = StatementTokens($0.text, dialect: migrator.dialect)
            return ["delete", "truncate", "merge"].contains(tokens.word(0)) || tokens.contains("delete", "from")
        }
    }
}
