import Foundation
import Roost
import RoostPostgreSQL
import RoostQuery
import RoostSQLite
import Testing

@Suite(.serialized) struct DefinitionTests {
    /// Every definition on one engine, each in a place of its own; and what it made behaves as it says.
    @Test(arguments: QueryEngine.running) func behaves(engine: QueryEngine) async throws {
        for testCase in DefinitionCases.all where !testCase.textAlone.contains(engine) {
            try await engine.withPlace { connection in
                do throws(DatabaseError) {
                    for definition in testCase.before + testCase.definitions {
                        _ = try definition.statements(for: connection.dialect, version: connection.serverVersion)
                    }
                    for definition in testCase.before { try await connection.define(definition) }
                    for definition in testCase.definitions { try await connection.define(definition) }
                    #expect(!testCase.without.contains(engine), "\(engine): \(testCase): should be refused")
                } catch {
                    let isExpected = testCase.without.contains(engine) && error.category == .notSupported
                    #expect(isExpected, "\(engine): \(testCase): \(error)")
                    return
                }
                let seen = try await testCase.check(connection)
                #expect(seen == testCase.expected, "\(engine): \(testCase)")
            }
        }
    }

    /// What the definitions are in every dialect, held against what was read and found right (Tests/Data/Query).
    /// `ROOST_RECORD_SNAPSHOTS=1` writes the files anew: read what changed before it is committed.
    @Test(arguments: dialects) func textIsAsRecorded(dialect: Dialect) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Data/Query/definitions-\(dialect.name).txt").standardizedFileURL
        let lines = DefinitionCases.all.flatMap { testCase in
            ["# " + testCase.name] + testCase.definitions.flatMap { text(of: $0, dialect) }
        }
        if ProcessInfo.processInfo.environment["ROOST_RECORD_SNAPSHOTS"] != nil {
            try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
        }
        let recorded = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.count == recorded.count)
        for (line, expected) in zip(lines, recorded) { #expect(line == expected) }
    }

    private func text(of definition: any DataDefinition, _ dialect: Dialect) -> [String] {
        do throws(DatabaseError) {
            return try definition.statements(for: dialect).map { $0.rendered(for: dialect) }
        } catch {
            return ["! " + error.message]
        }
    }

    /// Names and values cannot end the text they stand in.
    @Test(arguments: QueryEngine.running) func injectionFails(engine: QueryEngine) async throws {
        let b = Boxes.table
        for attack in ["'; drop table box; --", "\\'; drop table box; --", "\\", "''", "` \" ]", "a\nb", "%s $1 ? :x"] {
            try await engine.withPlace { connection in
                let definition = b.create(
                    b.define(\.code, .varchar(40)).default(attack),
                    b.define(\.colour, .enumeration(EnumerationType("paint", ["x", attack])))
                )
                .constraints(.check("c", b.code != attack + "!"), .primaryKey(\.id))
                try await connection.define(EnumerationType("paint", ["x", attack]).create(), definition)
                try await connection.execute("insert into box (id, colour, width, height) values (1, 'x', 1, 1)")
                #expect(try await connection.fetchOnly(b.select(b.code)) == attack, "\(engine)")
                let refused = await DefinitionCases.failure {
                    try await connection.execute(b.update(b.set(\.code, to: attack + "!")).everyRow())
                }
                #expect(refused == "checkViolation", "\(engine)")
                if engine != .sqlite {
                    try await connection.define(b.comment(attack))
                }
            }
        }
        #expect(throws: DatabaseError.self) {
            try b.create(b.define(\.code).default("a\u{0}b")).statements(for: .postgresql)
        }
        #expect(throws: DatabaseError.self) {
            try b.create(b.define(\.code, .named("int; drop table x"))).statements(for: .postgresql)
        }
    }

    @Test(arguments: QueryEngine.running) func schemasComeAndGo(engine: QueryEngine) async throws {
        guard engine != .sqlite else { return }
        let schema = NamespaceDefinition("query_\(UInt32.random(in: 0 ... .max))")
        let connection = try await engine.connect()
        do {
            try await connection.define(schema.create(), schema.create(ifNotExists: true))
            let twice = await DefinitionCases.failure { try await connection.define(schema.create()) }
            #expect(twice == "duplicateObject")
            try await connection.define(schema.drop(cascade: true), schema.drop(ifExists: true, cascade: true))
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    /// Several statements are done whole or not at all where DDL can be.
    @Test func whatFailsLeavesNothing() async throws {
        try await QueryEngine.sqlite.withPlace { connection in
            let b = Boxes.table
            let wrong = Things.table.create().constraints(.check("x", condition("no such thing")))
            await #expect(throws: DatabaseError.self) {
                try await connection.define(DefinitionCases.boxes, wrong)
            }
            try await connection.define(DefinitionCases.boxes)
            #expect(try await connection.fetchAll(b.select(b.id), limit: 1) == [])
        }
        // Through a pool too; and what cannot be said at all is refused before anything is run.
        let database = try await DriverRegistry([SQLiteDriver()]).open(ConnectionConfiguration("sqlite::memory:"))
        let b = Boxes.table
        let refused = await DefinitionCases.failure {
            try await database.define(DefinitionCases.boxes, b.comment("never"))
        }
        #expect(refused == "notSupported")
        try await database.define(DefinitionCases.boxes)
        #expect(try await database.fetchAll(b.select(b.id), limit: 1) == [])
        await database.close()
    }
}
