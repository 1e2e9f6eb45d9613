import Roost
import RoostORM
import RoostQuery
import Testing

/// A model with a column that the database computes, and with JSON that may be missing.
struct Stock: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_stock"
        let id = Column<Int>("id")
        let price = Column<Int>("price")
        let amount = Column<Int>("amount")
        let total = Column<Int?>("total")
        let details = Column<JSON?>("details")
    }
    static let mapping = Mapping<Stock>(key: .generated(\.id, \.id)).computed(\.total)

    var id: Int?
    var price: Int
    var amount: Int
    var total: Int?
    var details: Settings?

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(price)
        row.write(amount)
        row.write(total)
        row.write(json: details)
    }
}

extension Stock {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        price = try row.next()
        amount = try row.next()
        total = try row.next()
        details = try row.nextJSON(Settings?.self)
    }
}

@Suite(.serialized) struct ComputedColumnTests {
    /// Every way to write a row leaves out what the database would refuse.
    @Test(arguments: ORMEngine.running) func areReadAndNeverWritten(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let settings = Settings(isLive: true, tags: ["x"])
            let saved = try await connection.insert(Stock(price: 2, amount: 3, total: 99, details: settings))
            let id = try #require(saved.id)
            var read = try await connection.get(Stock.self, id)
            #expect(read == Stock(id: id, price: 2, amount: 3, total: 6, details: settings))
            read.amount = 4
            read.details = nil
            #expect(try await connection.update(read).total == 6)
            #expect(try await connection.get(Stock.self, id) == Stock(id: id, price: 2, amount: 4, total: 8))

            try await connection.insert(contentsOf: [Stock(price: 1, amount: 1), Stock(id: 50, price: 5, amount: 5)])
            try await connection.bulkInsert([Stock(price: 1, amount: 1), Stock(id: 60, price: 6, amount: 6)])
            try await connection.upsert([Stock(id: 50, price: 7, amount: 7, total: 1)])
            let totals = try await connection.fetchAll(Stock.all, limit: 10).map(\.total)
            #expect(totals.compactMap { $0 }.sorted() == [1, 1, 8, 36, 49])

            // What is computed is no change.
            let session = Session(on: connection)
            var known = try #require(try await session.find(Stock.self, id))
            known.total = 1_000
            try await session.save(known)
            try await counter.expectQueries(0) { try await session.flush() }
            known.price = 3
            try await session.save(known)
            try await session.flush()
            #expect(try await connection.get(Stock.self, id).total == 12)
        }
    }
}
