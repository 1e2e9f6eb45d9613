import Roost
import RoostQuery
import RoostSQLite
import Testing

struct Customers: Table {
    static let tableName = "customer"
    let id = Column<Int>("id")
    let name = Column<String>("name")
    let city = Column<String?>("city")
}

@Suite struct QuerySnippets {
    private func open() async throws -> Database {
        let database = try await DriverRegistry([SQLiteDriver()]).open(ConnectionConfiguration("sqlite::memory:"))
        try await database.execute("create table customer (id integer primary key, name text not null, city text)")
        return database
    }

    @Test func selecting() async throws {
        let database = try await open()
        let c = Customers.as("c")
        let query = c.select(c.name, c.city).where(c.city == "Köln" && c.id > 10).orderBy(c.name).limit(20)
        let rows: [(String, String?)] = try await database.fetchAll(query, limit: 20)
        #expect(rows.isEmpty)
        let r = Customers.as("r")
        let pairs = c.leftJoin(r.optional, on: c.id == r.id + 1).select(c.name, r.optional.name)
        let names: [(String, String?)] = try await database.fetchAll(pairs, limit: 100)
        #expect(names.isEmpty)
        let size = when(count().expression > 100, then: "large").otherwise("small")
        let cities = c.select(c.city, count().expression, size).groupBy(c.city).having(count().expression > 1)
        let ranks = c.select(c.name, rank().over(partitionBy: [c.city], orderBy: [c.name]))
        #expect(try await database.fetchAll(cities, limit: 9).isEmpty)
        #expect(try await database.fetchAll(ranks, limit: 9).isEmpty)
        let upper = sql("upper(\(c.name))", as: String.self)
        let odd = condition("\(c.id) % \(2) = 1")
        #expect(try await database.fetchAll(c.select(upper).where(odd), limit: 9).isEmpty)
        await database.close()
    }

    @Test func changing() async throws {
        let database = try await open()
        let c = Customers.table
        try await database.execute(c.insert(\.id, \.name, \.city).values(1, "Ana", nil).values(2, "Bo", "Köln"))
        try await database.execute(
            c.insert(\.id, \.name).values(1, "Anna").onConflict(\.id, update: [c.set(\.name, to: c.excluded(\.name))])
        )
        try await database.execute(c.update(c.set(\.city, to: "Paris")).where(c.id == 2))
        try await database.execute(c.delete().where(c.city.isNull))
        let byName = Keyset(.ascending(c.name), .ascending(c.id))
        let first = try await database.fetchAll(
            c.select(c.name, c.id).page(by: byName, after: nil, size: 50),
            limit: 50
        )
        let cursor = first.last.map { byName.cursor($0.0, $0.1) }
        #expect(first.map(\.0) == ["Bo"])
        #expect(cursor != nil)
        await database.close()
    }

    @Test func defining() async throws {
        let database = try await open()
        struct Orders: Table {
            static let tableName = "orders"
            let id = Column<Int>("id")
            let customerID = Column<Int>("customer_id")
            let state = Column<String>("state")
            let net = Column<BigDecimal>("net")
            let tax = Column<BigDecimal>("tax")
            let gross = Column<BigDecimal?>("gross")
            let note = Column<String?>("note")
        }
        let orders = Orders.table
        let state = EnumerationType("order_state", ["open", "paid"])
        try await database.define(
            state.create(),
            orders.create(
                orders.define(\.id).identity(),
                orders.define(\.state, .enumeration(state)).default("open"),
                orders.define(\.net, .decimal(precision: 12, scale: 2)),
                orders.define(\.gross, .decimal(precision: 12, scale: 2)).generated(as: orders.net + orders.tax)
            )
            .constraints(
                .primaryKey(\.id),
                .foreignKey(\.customerID, references: Customers.self, \.id, onDelete: .cascade),
                .check("orders_tax", orders.tax >= .zero)
            ),
            orders.index("orders_by_customer", on: orders.customerID, orders.net.descending).create(),
            orders.alter().rename(column: "note", to: "remark").add(orders.define(\.note, .varchar(200)))
        )
        #expect(try await database.fetchAll(orders.select(orders.id), limit: 1) == [])
        await database.close()
    }
}
