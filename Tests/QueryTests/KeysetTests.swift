import Roost
import RoostQuery
import Testing

@Suite(.serialized) struct KeysetTests {
    private static let o = Orders.table
    private static let newest = Keyset(.descending(o.total), .ascending(o.id))

    @Test(arguments: QueryEngine.running) func pagesFollowEachOther(engine: QueryEngine) async throws {
        let o = Self.o
        try await engine.withFixture { connection in
            var cursor: String?
            var seen: [Int] = []
            for _ in 0..<4 {
                let page = try o.select(o.total, o.id).page(by: Self.newest, after: cursor, size: 2)
                let rows = try await connection.fetchAll(page, limit: 2)
                seen += rows.map(\.1)
                guard let last = rows.last else { break }
                cursor = Self.newest.cursor(last.0, last.1)
            }
            #expect(seen == [1, 3, 4, 2, 5])
        }
    }

    /// Page by page, each key's values go through the cursor.
    private func walk<K: QueryValue>(
        _ connection: any Connection,
        _ key: SQLExpression<K>,
        isDescending: Bool = false
    ) async throws -> [Int] {
        let o = Self.o
        let keyset = Keyset(isDescending ? .descending(key) : .ascending(key), KeysetKey.ascending(o.id), secret: "s")
        var cursor: String?
        var seen: [Int] = []
        for _ in 0..<9 {
            let page = try o.select(key, o.id).page(by: keyset, after: cursor, size: 1)
            guard let row = try await connection.fetchOne(page) else { break }
            seen.append(row.1)
            cursor = keyset.cursor(row.0, row.1)
        }
        return seen
    }

    @Test(arguments: QueryEngine.running) func keysAreOfManyTypes(engine: QueryEngine) async throws {
        let o = Self.o
        try await engine.withFixture { connection in
            let city = when(o.customerID == 1, then: "a'b").when(o.customerID == 2, then: "").otherwise("ü|%")
            let byDay = try await walk(connection, o.day)
            let newest = try await walk(connection, o.placed, isDescending: true)
            let byPrice = try await walk(connection, o.price)
            let heaviest = try await walk(connection, o.weight, isDescending: true)
            let byTotal = try await walk(connection, o.total)
            let byText = try await walk(connection, city, isDescending: true)
            #expect(byDay == [4, 5, 1, 2, 3])
            #expect(newest == [3, 2, 1, 5, 4])
            #expect(byPrice == [5, 3, 4, 1, 2])
            #expect(heaviest == [4, 2, 1, 3, 5])
            #expect(byTotal == [5, 2, 3, 4, 1])
            #expect(byText == [4, 5, 1, 2, 3])
        }
    }

    @Test func aChangedCursorIsAnError() throws {
        let cursor = Self.newest.cursor(70, 3)
        #expect(!cursor.contains("70"))
        for index in cursor.indices {
            for replacement in ["A", "b", "7"] where String(cursor[index]) != replacement {
                var changed = cursor
                changed.replaceSubrange(index...index, with: replacement)
                // The last character may hold bits that are not part of the value.
                guard cursor.index(after: index) != cursor.endIndex else { continue }
                #expect(throws: DatabaseError.self) { try Self.newest.condition(after: changed) }
            }
        }
        for other in ["", "x", "';--", String(repeating: "A", count: 100_000)] {
            #expect(throws: DatabaseError.self) { try Self.newest.condition(after: other) }
        }
        let sealed = Keyset(.descending(Self.o.total), .ascending(Self.o.id), secret: "s")
        #expect(throws: DatabaseError.self) { try sealed.condition(after: cursor) }
    }
}
