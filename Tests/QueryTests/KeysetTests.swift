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
