import Roost

/// A sequence of numbers (PostgreSQL, MariaDB, SQL Server, Oracle, DB2).
///
/// ```swift
/// let numbers = SequenceDefinition("invoice_number", startingAt: 1_000)
/// try await database.define(numbers.create())
/// let next = try await database.fetchOnly(select(numbers.next))
/// ```
public struct SequenceDefinition: Sendable {
    let path: [String]
    let start: Int?
    let step: Int?
    let minimum: Int?
    let maximum: Int?
    let cache: Int?
    let cycles: Bool

    /// A sequence; what is nil is the engine's habit.
    ///
    /// - Parameter cache: how many numbers a session, or the server, takes ahead.
    /// - Parameter cycles: it begins anew when it has come to its end.
    public init(
        _ name: String,
        in schema: String? = nil,
        startingAt start: Int? = nil,
        by step: Int? = nil,
        minimum: Int? = nil,
        maximum: Int? = nil,
        cache: Int? = nil,
        cycles: Bool = false
    ) {
        path = schema.map { [$0, name] } ?? [name]
        self.start = start
        self.step = step
        self.minimum = minimum
        self.maximum = maximum
        self.cache = cache
        self.cycles = cycles
    }

    /// The next number: another one each time it is asked for.
    public var next: SQLExpression<Int> { SQLExpression(.nextNumber(path), []) }

    /// Makes the sequence.
    public func create() -> some DataDefinition { SequenceChange(sequence: self, kind: .create) }

    /// Makes the sequence what this value says from here on; its numbers go on unless it is restarted.
    ///
    /// - Parameter start: the next number. Not for Oracle.
    public func alter(restartingAt start: Int? = nil) -> some DataDefinition {
        SequenceChange(sequence: self, kind: .alter(start))
    }

    /// Removes the sequence.
    public func drop(ifExists: Bool = false) -> some DataDefinition {
        SequenceChange(sequence: self, kind: .drop(ifExists: ifExists))
    }
}

private struct SequenceChange: DataDefinition {
    enum Kind: Sendable {
        case create
        case alter(Int?)
        case drop(ifExists: Bool)
    }

    let sequence: SequenceDefinition
    let kind: Kind

    func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        try script.add { (sql) throws(DatabaseError) in
            try sql.require(.sequences)
            switch kind {
            case .create:
                sql.write("create sequence ")
                try sql.write(identifier: sequence.path)
                if let start = sequence.start { sql.write(" start with \(start)") }
                options(&sql)
            case .alter(let start):
                sql.write("alter sequence ")
                try sql.write(identifier: sequence.path)
                if let start {
                    if sql.profile.engine == .oracle { throw sql.notSupported("ALTER SEQUENCE … RESTART WITH") }
                    sql.write(" restart with \(start)")
                }
                options(&sql)
            case .drop(let ifExists):
                if ifExists { try sql.require(.ifExists) }
                sql.write(ifExists ? "drop sequence if exists " : "drop sequence ")
                try sql.write(identifier: sequence.path)
            }
        }
        return script.statements
    }

    private func options(_ sql: inout Renderer) {
        if let step = sequence.step { sql.write(" increment by \(step)") }
        if let minimum = sequence.minimum { sql.write(" minvalue \(minimum)") }
        if let maximum = sequence.maximum { sql.write(" maxvalue \(maximum)") }
        if let cache = sequence.cache {
            // PostgreSQL and MariaDB have no word for none.
            let hasNone = sql.profile.isOne(of: .sqlserver, .oracle, .db2)
            let none = sql.profile.engine == .sqlserver ? "no cache" : hasNone ? "nocache" : "cache 1"
            sql.write(cache > 1 ? " cache \(cache)" : " " + none)
        }
        if sequence.cycles { sql.write(" cycle") }
    }
}
