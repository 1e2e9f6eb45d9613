import Foundation
import Roost
import RoostSchema
import RoostTestSupport
import Testing

/// Every type that SQLAlchemy knows, made by its own DDL, is read completely and comes back from ours.
@Suite(.enabled(if: SQLAlchemy.isExpected, "SQLAlchemy is not there; scripts/servers install witness fetches it"))
struct WitnessTests {
    @Test(arguments: TestEngine.running) func everyTypeOfSQLAlchemyIsRead(_ server: TestEngine) async throws {
        let entries = try await SQLAlchemy.types(server.engine)
        #expect(entries.count >= 60)
        let (first, accepted) = try await server.withDatabase { connection in
            if server.engine == .postgresql {
                try await connection.run(["create extension citext", "create extension hstore"])
            }
            var accepted: [SQLAlchemy.Entry] = []
            for entry in entries {
                do {
                    for statement in entry.statements { try await connection.execute(Statement(unsafe: statement)) }
                    accepted.append(entry)
                } catch let error as DatabaseError where error.category == .programming {
                    // Types of other servers: PostgreSQL has no BLOB, MySQL no UUID.
                    continue
                }
            }
            return (try await Schema.read(from: connection), accepted)
        }
        #expect(accepted.count >= (server == .sqlite ? 60 : 50), "\(accepted.count) of \(entries.count) accepted")
        for entry in accepted {
            let table = first.tables.first { $0.name.name == entry.table }
            let column = try #require(table?.column("c"), "\(entry.type)")
            #expect(table?.primaryKey?.columns == ["id"])
            let isOfNoFamily = entry.spelling.uppercased() == "HSTORE"
            #expect((column.type.family == .any) == isOfNoFamily, "\(entry.type): \(column.type)")
            if entry.spelling.hasSuffix("(12, 3)") { #expect(column.type.precision == 12 && column.type.scale == 3) }
            if entry.spelling == "VARCHAR(30)" { #expect(column.type.length == 30 && column.type.family == .text) }
            if entry.spelling == "INTEGER[]" { #expect(column.type.dimensions == 1 && column.type.family == .integer) }
            if entry.spelling.hasPrefix("ENUM(") { #expect(column.type.values?.count == 2) }
        }
        let second = try await server.withDatabase { connection in
            try await connection.run(try first.definitions())
            return try await Schema.read(from: connection)
        }
        #expect(second == first, "\(difference(first, second))")
    }
}

/// The other program.
enum SQLAlchemy {
    struct Entry: Decodable {
        let type: String
        let table: String
        let spelling: String
        let statements: [String]
    }

    static var python: String? { ProcessInfo.processInfo.environment["ROOST_TEST_WITNESS"] }
    /// Where everything has to be there, its absence is a failure and not a reason to skip.
    static var isExpected: Bool { python != nil || ProcessInfo.processInfo.environment["CI"] != nil }

    static func types(_ engine: Schema.Engine) async throws -> [Entry] {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Witness/sqlalchemy_types.py")
        let arguments = [script.path(percentEncoded: false), engine.rawValue]
        let data = try await SubProcess.run(try #require(python), arguments)
        return try data.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Entry.self, from: $0) }
    }
}
