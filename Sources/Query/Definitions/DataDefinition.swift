public import Roost

/// What makes, changes or removes parts of a schema: tables, indexes, views, sequences, types.
///
/// A definition is one statement or a few: PostgreSQL's comments are statements of their own, SQL Server's views are dropped first.
/// Values in it (defaults, checks, predicates) are written as literals of the dialect, for no engine takes parameters there.
public protocol DataDefinition: Sendable {
    /// The statements, in the order they have to be run in.
    ///
    /// - Parameter version: the server's version, where it decides what can be said; nil takes a recent one.
    /// - Throws: `notSupported` that names the feature and the dialect, when the dialect cannot express the definition.
    func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement]
}

extension DataDefinition {
    /// The statements for a recent version of the dialect's engine.
    public func statements(for dialect: Dialect) throws(DatabaseError) -> [Statement] {
        try statements(for: dialect, version: nil)
    }
}

extension Connection {
    /// Makes what the definitions say, in their order. They are all rendered before the first is run.
    ///
    /// Done whole or not at all where the engine's DDL takes part in transactions (SQLite, PostgreSQL); elsewhere what came before an error
    /// stays, and the transaction that was open is committed.
    public nonisolated func define(
        _ definitions: any DataDefinition...,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) {
        try await define(contentsOf: definitions, fileID: fileID, line: line)
    }

    /// Makes what the definitions say, in their order; see ``define(_:fileID:line:)``.
    public nonisolated func define(
        contentsOf definitions: [any DataDefinition],
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) {
        var statements: [Statement] = []
        for definition in definitions {
            statements += try definition.statements(for: dialect, version: serverVersion)
        }
        guard statements.count > 1, capabilities.has(.transactionalDDL) else {
            for statement in statements { _ = try await execute(statement, options: .at(fileID, line)) }
            return
        }
        let all = statements
        try await atomically { (connection) async throws(DatabaseError) in
            for statement in all { _ = try await connection.execute(statement, options: .at(fileID, line)) }
        }
    }
}

extension Database {
    /// Makes what the definitions say, in their order, on one connection; see ``Roost/Connection/define(_:fileID:line:)``.
    public func define(
        _ definitions: any DataDefinition...,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws {
        try await withConnection(fileID: fileID, line: line) {
            try await $0.define(contentsOf: definitions, fileID: fileID, line: line)
        }
    }
}

/// Collects the statements of a definition.
struct DefinitionScript {
    let profile: DialectProfile
    private(set) var statements: [Statement] = []

    init(_ dialect: Dialect, _ version: String?) { profile = DialectProfile.of(dialect, version: version) }

    mutating func add(_ body: (inout Renderer) throws(DatabaseError) -> Void) throws(DatabaseError) {
        var renderer = Renderer(profile)
        renderer.isDefining = true
        try body(&renderer)
        statements.append(renderer.statement)
    }

    /// For what is refused before anything is written.
    var renderer: Renderer { Renderer(profile) }
}
