import Foundation
import Roost
import RoostMigrations
import Testing

/// Columns that change beside a writer, on MySQL and MariaDB.
@Suite(.serialized) struct OnlineMySQLTests {
    static let engines = TestEngine.running.filter { $0 == .mysql || $0 == .mariadb }

    private static let table: [Statement] = [
        """
        create table item (shop varchar(20), id bigint, name varchar(20) not null default 'none', price int not null comment 'in cents', \
        city varchar(30), primary key (shop, id)) character set utf8mb4
        """,
        """
        insert into item with recursive n (n) as (select 1 union all select n + 1 from n where n < 500) \
        select concat('a"b,', n % 3), n, concat('n', n), n, if(n % 2 > 0, 'c', null) from n
        """,
        "create index item_name on item (name)",
    ]

    private func withItems(
        _ engine: TestEngine,
        _ body: (ConnectionConfiguration, any Connection, OnlineMigration) async throws -> Void
    ) async throws {
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                for statement in Self.table { try await connection.execute(statement) }
                try await body(database, connection, try OnlineMigration.inSmallPortions(connection))
            }
        }
    }

    private func text(_ connection: any Connection, _ question: Statement) async throws -> [String] {
        try await connection.query(question).decode(String.self).fetchAll(limit: 99)
    }

    /// The statement that would make the table, without what a server adds.
    private func definition(_ connection: any Connection) async throws -> String {
        try await connection.query("show create table item").decode((String, String).self).fetchOnly().1
    }

    private func triggers(_ connection: any Connection) async throws -> Int {
        try await connection.number(
            "select count(*) from information_schema.triggers where trigger_schema = database()"
        )
    }

    @Test(arguments: engines) func aColumnHasTwoNamesUntilTheChangeIsComplete(engine: TestEngine) async throws {
        try await withItems(engine) { database, connection, online in
            let change = OnlineChange("label", table: ["item"], column: "name", .rename(to: "label"))
            let writer = BackgroundWriter(database: database)
            let writes = try await writer.write({ turn in
                [
                    "update item set name = concat(left(name, 10), \(String(turn))) where shop = 'a\"b,1' and id = 1",
                    "insert into item (shop, id, name, price) values ('new', \(turn), 'x', 1)",
                ]
            }) {
                let state = try await online.start(change)
                #expect(state.phase == .filled && state.rows > 400, "\(state)")
                // Code of both releases writes; a change of the case alone is one too.
                try await connection.execute("update item set label = 'N3' where shop = 'a\"b,0' and id = 3")
                try await connection.execute("insert into item (shop, id, label, price) values ('x', 901, 'new', 1)")
                try await connection.execute("insert into item (shop, id, name, price) values ('x', 902, 'old', 1)")
            }
            #expect(writes > 0)
            let differing: Statement = "select count(*) from item where not (binary name <=> binary label)"
            #expect(try await connection.number(differing) == 0)
            let names = try await text(
                connection,
                "select name from item where shop = 'x' or id = 3 and price = 3 order by id"
            )
            #expect(names == ["N3", "new", "old"])
            // New code alone writes while the change is completed.
            _ = try await writer.write({ turn in
                [
                    "update item set label = concat('t', \(String(turn))) where shop = 'a\"b,1' and id = 1",
                    "update item set price = price + 1 where shop = 'a\"b,2' and id = 2",
                ]
            }) { try await online.complete("label") }
            let row = try await connection.query("select * from item").fetchMany(1).first
            #expect(row?.columns.names == ["shop", "id", "label", "price", "city"])
            // The index and the default are where they were.
            let text = try await definition(connection)
            #expect(text.contains("KEY `item_name` (`label`)") && text.contains("DEFAULT 'none'"), "\(text)")
            #expect(try await triggers(connection) == 0)
            #expect(try await online.status().map(\.phase) == [.completed])
            await #expect(throws: MigrationError.self) { try await online.rollback("label") }
        }
    }

    @Test(arguments: engines) func aTypeChangesBesideAWriter(engine: TestEngine) async throws {
        try await withItems(engine) { database, connection, online in
            let change = OnlineChange(
                "price",
                table: ["item"],
                column: "price",
                .type("decimal(12,2)", using: "price * 2")
            )
            let writer = BackgroundWriter(database: database)
            _ = try await writer.write({ turn in
                [
                    "update item set price = price + 1 where shop = 'a\"b,1' and id = 1",
                    "insert into item (shop, id, price) values ('new', \(turn), 5)",
                ]
            }) {
                let state = try await online.start(change)
                #expect(state.phase == .filled)
            }
            let before = try await connection.number("select sum(price) from item")
            await #expect(throws: DatabaseError.self) {
                try await connection.execute("update item set price = null where shop = 'a\"b,1' and id = 1")
            }
            _ = try await writer.write({ _ in ["update item set city = 'x' where shop = 'a\"b,2' and id = 2"] }) {
                try await online.complete("price")
            }
            #expect(try await connection.number("select cast(sum(price) as signed) from item") == before * 2)
            let text = try await definition(connection)
            #expect(text.contains("`price` decimal(12,2) NOT NULL COMMENT 'in cents'"), "\(text)")
            let row = try await connection.query("select * from item").fetchMany(1).first
            #expect(row?.columns.names == ["shop", "id", "name", "price", "city"])
            #expect(try await triggers(connection) == 0)
            // An index would have to be made anew, which is not done behind anybody's back.
            let indexed = OnlineChange("name", table: ["item"], column: "name", .type("varchar(9)", using: nil))
            await #expect(throws: MigrationError.self) { try await online.start(indexed) }
            // A type that does not exist leaves nothing behind.
            let wrong = OnlineChange("wrong", table: ["item"], column: "city", .type("nosuch", using: nil))
            await #expect(throws: MigrationError.self) { try await online.start(wrong) }
            // Values that do not fit are an error, not cut off; the change can be taken back.
            let narrow = OnlineChange(
                "narrow",
                table: ["item"],
                column: "city",
                .type("varchar(3)", using: "concat(name, city)")
            )
            await #expect(throws: MigrationError.self) { try await online.start(narrow) }
            try await online.rollback("narrow")
            #expect(try await triggers(connection) == 0)
            #expect(try await online.status().count == 1)
            #expect(try await definition(connection) == text)
        }
    }

    @Test(arguments: engines) func everyRowGetsAValue(engine: TestEngine) async throws {
        try await withItems(engine) { database, connection, online in
            let change = OnlineChange("city", table: ["item"], column: "city", .notNull(fill: "concat('of ', name)"))
            let writer = BackgroundWriter(database: database)
            let write: @Sendable (Int) -> [Statement] = { _ in
                ["update item set city = null where shop = 'a\"b,1' and id = 4"]
            }
            _ = try await writer.write(write) {
                // One of them the writer may have been first to.
                let state = try await online.start(change)
                #expect(state.rows >= 249)
            }
            try await online.complete("city")
            #expect(try await connection.number("select count(*) from item where city = 'of n10'") == 1)
            #expect(try await definition(connection).contains("`city` varchar(30) NOT NULL"))
            // Without a value to fill, rows that come have to have one.
            try await connection.execute("alter table item add column zip int")
            try await connection.execute("update item set zip = 1")
            let zip = OnlineChange("zip", table: ["item"], column: "zip", .notNull(fill: nil))
            #expect(try await online.start(zip).phase == .filled)
            let refused = await #expect(throws: DatabaseError.self) {
                try await connection.execute("insert into item (shop, id, price) values ('z', 1, 1)")
            }
            #expect(refused?.condition == .notNullViolation)
            try await online.complete("zip")
            #expect(try await definition(connection).contains("`zip` int"))
            #expect(try await triggers(connection) == 0)
        }
    }

    /// The process dies after one statement or the other, from the start to the end of the change-over; another one ends it. MySQL and MariaDB,
    /// which run the same statements, take every second of them each.
    @Test(arguments: engines, [0, 1, 2]) func aChangeThatDiesAnywhereIsTakenUp(engine: TestEngine, number: Int)
        async throws
    {
        let kinds: [OnlineChange.Kind] = [
            .rename(to: "label"), .type("bigint", using: nil), .notNull(fill: "concat('of ', name)"),
        ]
        let column = ["name", "price", "city"][number]
        let change = OnlineChange("it", table: ["item"], column: column, kinds[number])
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                // The first statements only look at the history and set time-outs.
                var request = engine == .mysql ? 6 : 7
                while true {
                    for statement in ["drop table if exists item, roost_migrations_online"] + Self.table {
                        try await connection.execute(statement)
                    }
                    let base = try await TestEngine.drivers.connect(database)
                    let crashing = CrashingConnection(base, at: request, .after, countsQueries: false)
                    var dying = try OnlineMigration.inSmallPortions(crashing)
                    dying.batch = 300
                    do {
                        _ = try await dying.start(change)
                        try await dying.complete("it")
                    } catch {
                        guard await crashing.hasCrashed else { throw error }
                    }
                    let isThrough = await !crashing.hasCrashed
                    await base.close()
                    try await takeUp(change, connection, column, takesBack: request % 5 == 0)
                    if isThrough { break }
                    request += number == 2 ? 5 : 2
                }
                #expect(request > 30, "there were that many requests to die at")
            }
        }
    }

    private func takeUp(
        _ change: OnlineChange,
        _ connection: any Connection,
        _ column: String,
        takesBack: Bool
    ) async throws {
        let online = try OnlineMigration.inSmallPortions(connection)
        let state = try await online.status().first
        // Somebody writes meanwhile: errors may be, drifting apart may not.
        _ = try? await connection.execute(
            "update item set \(identifier: column) = 7 where shop = 'a\"b,1' and id = 1"
        )
        let isTakenBack = takesBack && [.starting, .filling, .filled].contains(state?.phase)
        if isTakenBack {
            try await online.rollback("it")
            #expect(try await definition(connection).contains("`\(column)`"))
        } else {
            if state == nil { _ = try await online.start(change) } else { _ = try await online.resume("it") }
            try await online.complete("it")
        }
        #expect(try await triggers(connection) == 0)
        #expect(try await online.status().map(\.phase) == (isTakenBack ? [] : [.completed]))
        let text = try await definition(connection)
        #expect(!text.contains("roost"), "\(text)")
        #expect(try await connection.number("select count(*) from item") == 500)
        switch change.kind {
        case .rename:
            let name = isTakenBack ? "name" : "label"
            #expect(text.contains("`\(name)` varchar(20) NOT NULL DEFAULT 'none'"), "\(text)")
            let kept: Statement = "select count(*) from item where \(identifier: name) = concat('n', id)"
            #expect(try await connection.number(kept) >= 499)
        case .type:
            #expect(text.contains("`price` \(isTakenBack ? "int" : "bigint")"), "\(text)")
            #expect(try await connection.number("select count(*) from item where price = id") >= 499)
        case .notNull:
            #expect(text.contains("`city` varchar(30) \(isTakenBack ? "DEFAULT NULL" : "NOT NULL")"), "\(text)")
            #expect(try await connection.number("select count(*) from item where city = 'c'") >= 249)
            let filled = try await connection.number("select count(*) from item where city = concat('of ', name)")
            #expect(isTakenBack ? filled <= 250 : filled == 250)
        }
    }

    @Test(arguments: engines) func whatCannotBeChangedThisWayIsSaid(engine: TestEngine) async throws {
        try await withItems(engine) { _, connection, online in
            for statement: Statement in [
                "create unique index item_only_name on item (name)",
                """
                create table child (id int primary key, item_name varchar(20), \
                constraint child_item foreign key (item_name) references item (name)) character set utf8mb4
                """,
                "create table old (id int primary key, n int) engine = myisam",
                "create table real_key (r float primary key, n int)",
                "create view names as select name from item",
            ] { try await connection.execute(statement) }
            func refuse(_ table: String, _ column: String, _ kind: OnlineChange.Kind, _ words: String) async throws {
                let error = await #expect(throws: MigrationError.self) {
                    try await online.start(OnlineChange("no", table: [table], column: column, kind))
                }
                #expect(
                    error?.kind == .usage && error.map { "\($0)".contains(words) } == true,
                    "\(String(describing: error))"
                )
            }
            try await refuse("item", "name", .rename(to: "label"), "view names")
            try await refuse("item", "name", .type("char(20)", using: nil), "child_item")
            try await refuse("item", "price", .rename(to: "city"), "city already")
            try await refuse("old", "n", .notNull(fill: nil), "InnoDB")
            try await refuse("real_key", "n", .notNull(fill: nil), "float")
            try await refuse("item", "nosuch", .notNull(fill: nil), "no column")
            try await connection.execute("drop view names")
            if engine == .mysql {
                let words =
                    "The column cannot be renamed this way while others stand on it: foreign key child_item of child."
                try await refuse("item", "name", .rename(to: "label"), words)
            }
            #expect(try await online.status().isEmpty)
        }
    }
}
