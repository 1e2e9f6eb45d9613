import Roost
import RoostQuery
import Testing

@Suite(.serialized) struct QuerySuiteTests {
    static let cases =
        ConditionCases.all + ValueCases.all + DateCases.all + AggregateCases.all + SelectCases.all + ChangeCases.all
        + EdgeCases.all + SourceCases.all

    /// Every case on one engine; each in a transaction that is rolled back.
    @Test(arguments: QueryEngine.running)
    func behaves(engine: QueryEngine) async throws {
        try await engine.withFixture { connection in
            for testCase in Self.cases {
                do {
                    try await connection.begin()
                    let rows = try await testCase.run(connection)
                    #expect(!testCase.without.contains(engine), "\(engine): \(testCase): should be refused")
                    #expect(rows == testCase.expected, "\(engine): \(testCase)")
                    // What the cache gave is what a fresh rendering gives.
                    let query = testCase.statement()
                    let first = try connection.statement(for: AnyQuery(node: query.node))
                    let again = try AnyQuery(node: query.node).statement(
                        for: connection.dialect,
                        version: connection.serverVersion
                    )
                    #expect(first == again)
                } catch let error as DatabaseError {
                    let isExpected = testCase.without.contains(engine) && error.category == .notSupported
                    #expect(isExpected, "\(engine): \(testCase): \(error)")
                }
                try await connection.rollback()
            }
        }
    }

    @Test func theSuiteIsLargeAndItsNamesAreDistinct() {
        #expect(Set(Self.cases.map(\.name)).count == Self.cases.count)
        #expect(Self.cases.count >= 300, "\(Self.cases.count)")
    }

    /// No case makes any dialect fail otherwise than by saying what it lacks.
    @Test(arguments: dialects) func rendersOrRefuses(dialect: Dialect) throws {
        for testCase in Self.cases {
            do {
                let query = testCase.statement()
                _ = try AnyQuery(node: query.node).statement(for: dialect)
            } catch {
                #expect(error.category == .notSupported, "\(dialect.name): \(testCase): \(error)")
            }
        }
    }

    /// Nothing bound or named becomes SQL.
    @Test(arguments: QueryEngine.running)
    func injectionFails(engine: QueryEngine) async throws {
        let attacks = [
            "'; drop table customer; --", "' or '1' = '1", "\\' or 1=1 --", "\"; drop table customer; --", "` or 1=1",
            "%' or 1=1 --", "?", "$1", ":name", "';--\u{0}", "\u{FF07} or 1=1", "/* */ or 1=1", "x' union select 1 --",
        ]
        try await engine.withFixture { connection in
            let c = Customers.table
            for attack in attacks where !(attack.contains("\u{0}") && engine == .postgresql) {
                for condition in [
                    c.name == attack, c.name.contains(attack), c.name.hasPrefix(attack), c.name.in([attack]),
                ] {
                    let found = try await connection.fetchAll(c.select(c.id).where(condition), limit: 10)
                    #expect(found == [], "\(engine): \(attack)")
                }
                let echoed = try await connection.fetchOnly(
                    c.select(value(attack).cast(to: String.self)).where(c.id == 1)
                )
                #expect(echoed == attack)
                let named = c.select(c.id.as(attack)).where(c.id == 1)
                if attack.contains("\u{0}") {
                    #expect(throws: DatabaseError.self) { try connection.statement(for: named) }
                } else if !(attack.contains("`") && engine == .mysql) {
                    #expect(try await connection.fetchAll(named, limit: 2) == [1], "\(engine): \(attack)")
                }
                #expect(throws: DatabaseError.self) {
                    try connection.statement(for: c.select(call(attack, arguments: [c.id], as: Int.self)))
                }
                #expect(throws: DatabaseError.self) {
                    try connection.statement(for: c.select(c.id.cast(to: .named(attack), as: Int.self)))
                }
            }
            #expect(try await connection.fetchOnly(c.select(count().expression)) == 5)
        }
    }
}

/// A query of any kind by its tree.
struct AnyQuery: RenderableQuery {
    let node: QueryNode
}
