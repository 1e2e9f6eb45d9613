import Foundation
import Roost
import RoostQuery
import Testing

/// Analysts' questions, built in Swift, against SQL written by hand, on every engine.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ChinookQuestionTests {
    static let questions = ChinookSales.all + ChinookMusic.all

    @Test func thereAreTwentyOrMore() {
        #expect(Self.questions.count >= 20)
        #expect(Set(Self.questions.map(\.description)).count == Self.questions.count)
    }

    @Test(arguments: QueryEngine.running) func builtEqualsWritten(engine: QueryEngine) async throws {
        // What SQLite answers is what every engine answers.
        var answers: [String: [String]] = [:]
        try await withChinook(.sqlite) { connection in
            for question in Self.questions {
                answers[question.description] = try await question.built(connection)
            }
        }
        try await withChinook(engine) { connection in
            for question in Self.questions {
                do {
                    let built = try await question.built(connection)
                    #expect(!built.isEmpty, "\(question)")
                    #expect(built == answers[question.description], "\(engine): \(question)")
                    let written = try await question.written(connection, ChinookQuestion.Words(engine: engine))
                    #expect(built == written, "\(engine): \(question)")
                } catch {
                    Issue.record("\(engine): \(question): \(error)")
                }
            }
        }
    }

    /// The database in a place of its own, which goes away afterwards.
    private func withChinook(_ engine: QueryEngine, _ body: (any Connection) async throws -> Void) async throws {
        let name = "chinook_\(UInt32.random(in: 0 ... .max))"
        let connection = try await engine.connect()
        do {
            switch engine {
            case .sqlite: break
            case .postgresql:
                try await connection.execute("create schema \(identifier: name)")
                try await connection.execute("set search_path to \(identifier: name)")
            case .mariadb, .mysql:
                try await connection.execute("create database \(identifier: name) character set utf8mb4")
                try await connection.execute("use \(identifier: name)")
            }
            for part in StatementSplitter.split(try script(for: engine), dialect: connection.dialect) {
                try await connection.execute(Statement(unsafe: part.text))
            }
            try await body(connection)
        } catch {
            try? await remove(name, from: connection, engine)
            throw error
        }
        try await remove(name, from: connection, engine)
    }

    private func remove(_ name: String, from connection: any Connection, _ engine: QueryEngine) async throws {
        switch engine {
        case .sqlite: break
        case .postgresql: try await connection.execute("drop schema \(identifier: name) cascade")
        case .mariadb, .mysql: try await connection.execute("drop database \(identifier: name)")
        }
        await connection.close()
    }

    private func script(for engine: QueryEngine) throws -> String {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Data/Chinook/chinook.sql")
        var script = try String(contentsOf: file, encoding: .utf8)
        guard engine == .mysql || engine == .mariadb else { return script }
        // As its head says; and there the case of a table's name matters, which is lower in the queries.
        script = script.replacing("\\", with: "\\\\").replacing(" TIMESTAMP", with: " DATETIME")
        for word in ["CREATE TABLE ", "INSERT INTO ", "REFERENCES "] {
            script = script.split(separator: word, omittingEmptySubsequences: false).enumerated().map { index, part in
                guard index > 0 else { return String(part) }
                let end = part.firstIndex(of: " ") ?? part.endIndex
                return part[..<end].lowercased() + part[end...]
            }.joined(separator: word)
        }
        return script
    }
}
