import Foundation
import Roost
import RoostMigrations
import Testing

/// Columns that change beside a writer, on PostgreSQL.
@Suite(.enabled(if: TestEngine.running.contains(.postgresql))) struct OnlineTests {
    private static let table: [Statement] = [
        """
        create table item (shop text, id bigint, name text not null default 'none', price int, city text, primary key (shop, id))
        """,
        """
        insert into item select 'a"b,' || n % 3, n, 'n' || n, case when n % 5 > 0 then n end, \
        case when n % 2 > 0 then 'c' end from generate_series(1, 500) n
        """,
        "create index item_name on item (name)",
    ]

    private func withItems(
        _ body: (ConnectionConfiguration, any Connection, OnlineMigration) async throws -> Void
    ) async throws {
        try await TestEngine.postgresql.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                for statement in Self.table { try await connection.execute(statement) }
                try await body(database, connection, try OnlineMigration.inSmallPortions(connection))
            }
        }
    }

    private func writing(
        _ database: ConnectionConfiguration,
        _ statements: [Statement],
        _ body: () async throws -> Void
    ) async throws -> Int {
        try await BackgroundWriter(database: database).write({ _ in statements }, while: body)
    }

    @Test func aColumnHasTwoNamesUntilTheChangeIsComplete() async throws {
        try await withItems { database, connection, online in
            let change = OnlineChange("label", table: ["item"], column: "name", .rename(to: "label"))
            let writes = try await writing(
                database,
                [
                    "update item set name = name || 'x' where id = 1",
                    "insert into item (shop, id) select 'new', 1 + count(*) from item where shop = 'new'",
                    "update item set price = 1 where id = 2",
                ]
            ) {
                let state = try await online.start(change)
                #expect(state.phase == .filled && state.change.table == ["public", "item"])
                // Code of both releases writes.
                try await connection.execute("update item set label = 'by new code' where id = 3")
                try await connection.execute("insert into item (shop, id, label) values ('x', 901, 'new')")
                try await connection.execute("insert into item (shop, id, name) values ('x', 902, 'old')")
                #expect(
                    try await connection.number("select count(*) from item where name is distinct from label") == 0
                )
                let names = try await connection.query(
                    "select name from item where shop = 'x' or (id = 3 and shop like 'a%') order by 1"
                )
                .decode(String.self).fetchAll(limit: 9)
                #expect(names == ["by new code", "new", "old"])
            }
            #expect(writes > 0)
            try await online.complete("label")
            let row = try await connection.query("select * from item").fetchMany(1).first
            #expect(row?.columns.names == ["shop", "id", "label", "price", "city"])
            // The index, the default and the constraint are where they were.
            let index = try await connection.query("select pg_get_indexdef('item_name'::regclass)").decode(String.self)
                .fetchOnly()
            #expect(index.contains("(label)"))
            try await connection.execute("insert into item (shop, id) values ('z', 1)")
            #expect(try await connection.number("select count(*) from item where shop = 'z' and label = 'none'") == 1)
            #expect(try await online.status().map(\.phase) == [.completed])
        }
    }

    @Test func aTypeChangesBesideAWriter() async throws {
        try await withItems { database, connection, online in
            let change = OnlineChange(
                "price",
                table: ["public", "item"],
                column: "price",
                .type("numeric(12,2)", using: "price * 2")
            )
            _ = try await writing(
                database,
                [
                    "update item set price = coalesce(price, 0) + 1 where id = 1",
                    "update item set city = 'x' where id = 2",
                ]
            ) {
                let state = try await online.start(change)
                #expect(state.phase == .filled)
            }
            let before = try await connection.number("select sum(price) from item")
            try await online.complete("price")
            #expect(try await connection.number("select sum(price)::bigint from item") == before * 2)
            let type = try await connection.query("select pg_typeof(price)::text from item limit 1").decode(String.self)
                .fetchOnly()
            #expect(type == "numeric")
            #expect(try await connection.number("select count(*) from pg_trigger where not tgisinternal") == 0)
            // An index would have to be made anew, which is not done behind anybody's back.
            let indexed = OnlineChange("name", table: ["item"], column: "name", .type("varchar(9)", using: nil))
            await #expect(throws: MigrationError.self) { try await online.start(indexed) }
            #expect(try await online.status().count == 1)
        }
    }

    @Test func everyRowGetsAValue() async throws {
        try await withItems { database, connection, online in
            let change = OnlineChange("city", table: ["item"], column: "city", .notNull(fill: "'of ' || name"))
            _ = try await writing(database, ["update item set city = null where id = 4"]) {
                let state = try await online.start(change)
                // One of them the writer may have been first to.
                #expect(state.rows >= 249)
            }
            try await online.complete("city")
            #expect(try await connection.number("select count(*) from item where city is null") == 0)
            #expect(try await connection.number("select count(*) from item where city = 'of n10'") == 1)
        }
    }

    /// At each portion the process dies; another one goes on, and no row is filled twice.
    @Test func aKilledFillingIsTakenUp() async throws {
        try await withItems { database, connection, _ in
            let change = OnlineChange("big", table: ["item"], column: "price", .type("bigint", using: nil))
            for moment in [CrashingConnection.Moment.before, .after] {
                let base = try await TestEngine.drivers.connect(database)
                let crashing = CrashingConnection(base, at: 40, moment)
                await #expect(throws: MigrationError.self) {
                    try await OnlineMigration.inSmallPortions(crashing).start(change)
                }
                #expect(await crashing.hasCrashed)
                let states = try await OnlineMigration.inSmallPortions(connection).status()
                #expect(states.map(\.phase) == [.filling])
                let done = try #require(states.first).rows
                #expect(done > 0 && done < 400)
                await #expect(throws: MigrationError.self) {
                    try await OnlineMigration.inSmallPortions(connection).complete("big")
                }
                let state = try await OnlineMigration.inSmallPortions(connection).resume("big")
                #expect(state.phase == .filled && state.rows == 400, "\(state)")
                let second = OnlineChange("second", table: ["item"], column: "city", .notNull(fill: nil))
                await #expect(throws: MigrationError.self) {
                    try await OnlineMigration.inSmallPortions(connection).start(second)
                }
                // What came to stand on the column meanwhile does not keep it from being as it was.
                try await connection.execute("create index item_price on item (price)")
                try await OnlineMigration.inSmallPortions(connection).rollback("big")
                try await connection.execute("drop index item_price")
                #expect(try await OnlineMigration.inSmallPortions(connection).status().isEmpty)
                let row = try await connection.query("select * from item").fetchMany(1).first
                #expect(row?.columns.names == ["shop", "id", "name", "price", "city"])
            }
        }
    }

    /// The process dies after one statement or another, from the start to the end of the change-over; another one ends it, or takes it back.
    @Test func aNotNullThatDiesAnywhereIsTakenUp() async throws {
        try await withItems { database, connection, _ in
            let change = OnlineChange("city", table: ["item"], column: "city", .notNull(fill: "'of ' || name"))
            // The first statements only look at the history and set time-outs.
            var request = 5
            var isThrough = false
            while !isThrough {
                for statement in ["drop table if exists item, roost_migrations_online"] + Self.table {
                    try await connection.execute(statement)
                }
                let base = try await TestEngine.drivers.connect(database)
                let crashing = CrashingConnection(base, at: request, .after, countsQueries: false)
                do {
                    _ = try await OnlineMigration.inSmallPortions(crashing).start(change)
                    try await OnlineMigration.inSmallPortions(crashing).complete("city")
                } catch {
                    guard await crashing.hasCrashed else { throw error }
                }
                isThrough = await !crashing.hasCrashed
                await base.close()
                try await takeUp(change, connection, takesBack: request % 4 == 1)
                request += 3
            }
            #expect(request > 40, "there were that many requests to die at")
        }
    }

    private func takeUp(_ change: OnlineChange, _ connection: any Connection, takesBack: Bool) async throws {
        let online = try OnlineMigration.inSmallPortions(connection)
        let state = try await online.status().first
        let isTakenBack = takesBack && [.filling, .filled].contains(state?.phase)
        if isTakenBack {
            try await online.rollback("city")
        } else {
            if state == nil { _ = try await online.start(change) } else { _ = try await online.resume("city") }
            try await online.complete("city")
        }
        #expect(try await online.status().map(\.phase) == (isTakenBack ? [] : [.completed]))
        #expect(try await connection.number("select count(*) from pg_trigger where not tgisinternal") == 0)
        #expect(
            try await connection.number(
                "select count(*) from pg_constraint where conrelid = 'item'::regclass and contype = 'c'"
            ) == 0
        )
        let forbids: Statement =
            "select attnotnull from pg_attribute where attrelid = 'item'::regclass and attname = 'city'"
        #expect(try await connection.query(forbids).decode(Bool.self).fetchOnly() == !isTakenBack)
        #expect(try await connection.number("select count(*) from item where city = 'c'") == 250)
        if !isTakenBack {
            #expect(try await connection.number("select count(*) from item where city = 'of ' || name") == 250)
        }
    }
}
