public import Roost

/// The driver and database a suite is run against, and the few things that differ between engines.
public struct ConformanceTarget: Sendable {
    /// The driver.
    public var driver: any Driver
    /// A database all connections of one case share, and that nobody else uses. The suite makes and drops its own tables.
    public var configuration: ConnectionConfiguration
    /// The type of a column that keeps values of a kind exactly; nil when the engine has none.
    public var columnType: @Sendable (ValueKind) -> String?
    /// A statement that runs until it is ended, and returns rows all the while.
    public var endlessQuery: Statement

    /// A column whose integers the engine makes itself, and that is the primary key.
    public var identityColumn = "integer primary key"
    /// Makes a procedure of this name that doubles its one INOUT parameter; nil where there are no procedures.
    public var doublingProcedure: (@Sendable (_ name: String) -> Statement)?
    /// Whether the engine holds a value of a kind it has a column type for: some have no infinities, or rewrite JSON.
    public var holds: @Sendable (Value) -> Bool = { _ in true }

    /// What is expected of it: what the driver can do, less what something in between, such as a pooler, takes away.
    public var capabilities: Capabilities

    /// A target.
    public init(
        driver: any Driver,
        configuration: ConnectionConfiguration,
        endlessQuery: Statement,
        columnType: @escaping @Sendable (ValueKind) -> String?
    ) {
        self.driver = driver
        capabilities = driver.capabilities
        self.configuration = configuration
        self.endlessQuery = endlessQuery
        self.columnType = columnType
    }

    func connect() async throws -> any Connection {
        try await driver.connect(configuration)
    }
}

/// One behaviour every driver must show, or say that it cannot.
public struct ConformanceCase: Sendable, CustomStringConvertible {
    /// What a case needs beside the contract.
    public struct Requirement: Sendable {
        let isMet: @Sendable (ConformanceTarget) -> Bool
        let reason: String

        static func feature(_ feature: Capabilities.Feature) -> Requirement {
            Requirement(isMet: { $0.capabilities.has(feature) }, reason: "no \(feature.rawValue)")
        }

        static func without(_ feature: Capabilities.Feature) -> Requirement {
            Requirement(isMet: { !$0.capabilities.has(feature) }, reason: "has \(feature.rawValue)")
        }

        static func value(_ value: Value) -> Requirement {
            Requirement(isMet: { $0.holds(value) }, reason: "the engine does not hold this value as it is")
        }

        static func type(_ kind: ValueKind) -> Requirement {
            Requirement(isMet: { $0.columnType(kind) != nil }, reason: "no column type for \(kind)")
        }
    }

    /// The part of the suite it belongs to.
    public var section: String
    /// What it shows.
    public var title: String
    var requirements: [Requirement]
    var body: @Sendable (ConformanceTarget) async throws -> Void

    init(
        _ section: String,
        _ title: String,
        _ requirements: [Requirement] = [],
        _ body: @escaping @Sendable (ConformanceTarget) async throws -> Void
    ) {
        self.section = section
        self.title = title
        self.requirements = requirements
        self.body = body
    }

    /// Whether tasks do things at once in it: what a thread sanitizer is to look at.
    public var isConcurrent: Bool { ["Concurrency", "Pipelines"].contains(section) }

    /// `section: title`
    public var description: String { "\(section): \(title)" }

    /// Runs the case.
    public func run(on target: ConformanceTarget) async -> ConformanceOutcome {
        if let unmet = requirements.first(where: { !$0.isMet(target) }) { return .notSupported(unmet.reason) }
        do {
            try await body(target)
            return .passed
        } catch {
            return .failed("\(error)")
        }
    }
}

/// What became of a case.
public enum ConformanceOutcome: Sendable, Hashable {
    /// The behaviour was seen.
    case passed
    /// It was not; with what was seen instead.
    case failed(String)
    /// The driver's capabilities rule it out.
    case notSupported(String)
}

/// What a case expected and did not see.
struct ConformanceFailure: Error, CustomStringConvertible {
    let description: String
}

func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    if !condition { throw ConformanceFailure(description: message()) }
}

func requireEqual<T: Equatable>(_ found: T, _ expected: T, _ what: String) throws {
    if found != expected { throw ConformanceFailure(description: "\(what): found \(found), expected \(expected)") }
}

/// Requires that `body` throws a database error with one of these conditions.
@discardableResult
func requireError(
    _ conditions: DatabaseError.Condition...,
    from body: () async throws -> Void
) async throws -> DatabaseError {
    do {
        try await body()
    } catch let error as DatabaseError {
        if conditions.isEmpty || conditions.contains(error.condition) { return error }
        throw ConformanceFailure(description: "found the error \(error), expected \(conditions)")
    }
    throw ConformanceFailure(description: "no error, expected \(conditions)")
}

/// Connects, runs `body`, and closes whatever happens.
func withConnection<R>(_ target: ConformanceTarget, _ body: (any Connection) async throws -> R) async throws -> R {
    let connection = try await target.connect()
    do {
        let result = try await body(connection)
        await connection.close()
        return result
    } catch {
        await connection.close()
        throw error
    }
}

/// Makes a table of a name of its own, runs `body`, and drops the table.
func withTable<R>(
    _ target: ConformanceTarget,
    _ columns: String = "id integer not null primary key, name varchar(100)",
    _ body: (any Connection, String) async throws -> R
) async throws -> R {
    try await withConnection(target) { connection in
        let table = "roost_c\(UInt32.random(in: 1 ... .max))"
        // A foreign key of a table to itself needs the table's name.
        let definitions = columns.replacing("roost_self", with: table)
        try await connection.execute("create table \(identifier: table) (\(unsafe: definitions))")
        do {
            let result = try await body(connection, table)
            if await connection.transactionStatus != .idle { try await connection.rollback() }
            try await connection.execute("drop table \(identifier: table)")
            return result
        } catch {
            try? await connection.rollback()
            _ = try? await connection.execute("drop table \(identifier: table)")
            throw error
        }
    }
}
