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

    private func withChinook(_ engine: QueryEngine, _ body: (any Connection) async throws -> Void) async throws {
        try await engine.withPlace { connection in
            for part in StatementSplitter.split(try script(for: engine), dialect: connection.dialect) {
                try await connection.execute(Statement(unsafe: part.text))
            }
            try await body(connection)
        }
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
