import Roost
import RoostMySQL
import RoostPostgreSQL
import RoostQuery
import RoostSQLite
import Testing

/// How queries are run, compiled and kept.
@Suite(.serialized) struct ExecutionTests {
    private enum State: String, QueryValue { case one, two }

    private struct StatedTally: Table {
        static let tableName = "tally"
        let word = Column<State>("word")
        let hits = Column<Int>("hits")
    }

    private struct Person: RowDecodable, Equatable {
        let id: Int
        let name: String

        init(from row: inout RowReader) throws(DatabaseError) {
            id = try row.next()
            name = try row.next()
        }

        init(_ id: Int, _ name: String) {
            self.id = id
            self.name = name
        }
    }

    @Test(arguments: QueryEngine.running) func rowsAreFetchedInManyWays(engine: QueryEngine) async throws {
        try await engine.withFixture { connection in
            let c = Customers.table
            let two = c.select(c.id, c.name).orderBy(c.id).limit(2)
            let people = try await connection.fetchAll(two.decoding(Person.self), limit: 2)
            #expect(people == [Person(1, "Ana"), Person(2, "Bo")])
            #expect(try await connection.fetchOne(c.select(c.name).where(c.id == 2)) == "Bo")
            #expect(try await connection.fetchOne(c.select(c.name).where(c.id == 99)) == nil)
            #expect(try await connection.fetchOnly(c.select(c.name, c.credit).where(c.id == 3)) == ("Cy", 30))
            await #expect(throws: DatabaseError.self) { try await connection.fetchOnly(c.select(c.id)) }
            await #expect(throws: DatabaseError.self) { try await connection.fetchOnly(c.select(c.id).where(.never)) }
            await #expect(throws: DatabaseError.self) { try await connection.fetchAll(c.select(c.id), limit: 3) }
            var names: [String] = []
            try await connection.forEach(c.select(c.name).where(c.id < 4).orderBy(c.id)) { names.append($0) }
            #expect(names == ["Ana", "Bo", "Cy"])
            // A NULL where the type has none is an error that names the column.
            await #expect(throws: DatabaseError.self) {
                try await connection.fetchAll(c.select(c.city.required).where(c.id == 4), limit: 1)
            }
        }
    }

    @Test(arguments: QueryEngine.running) func enumsAreColumns(engine: QueryEngine) async throws {
        try await engine.withFixture { connection in
            let t = StatedTally.table
            #expect(try await connection.fetchAll(t.select(t.hits).where(t.word == .two), limit: 2) == [2])
            #expect(try await connection.fetchAll(t.select(t.word).orderBy(t.hits), limit: 2) == [.one, .two])
            #expect(try await connection.fetchAll(t.select(t.hits).where(t.word.in([.one])), limit: 2) == [1])
            try await connection.execute(t.update(t.set(\.hits, to: 9)).where(t.word == .one))
            #expect(try await connection.fetchOnly(t.select(t.hits).where(t.word == .one)) == 9)
        }
    }

    /// What the text of a query depends on besides its shape is looked at each time.
    @Test(arguments: QueryEngine.running) func equalValuesAreToldFromOthers(engine: QueryEngine) async throws {
        try await engine.withFixture { connection in
            let o = Orders.table
            func query(_ selected: Int, _ grouped: Int) -> Select<(Int, Int)> {
                o.select(max(o.total % selected).expression.required, count().expression)
                    .groupBy(o.total % grouped).orderBy(count().expression)
            }
            func same(_ selected: Int, _ grouped: Int) -> Select<(Int, Int)> {
                o.select(o.total % selected, count().expression).groupBy(o.total % grouped).orderBy(count().expression)
            }
            for _ in 0..<2 {
                #expect(try await connection.fetchAll(same(20, 20), limit: 9).map(\.0) == [0, 10])
                #expect(try await connection.fetchAll(query(30, 20), limit: 9).map(\.0) == [10, 20])
                #expect(try await connection.fetchAll(same(7, 7), limit: 9).count == 3)
                // Different values: grouped by something else than is selected, which the engine refuses or not, but never takes
                // for the same.
                let text = try connection.statement(for: same(20, 30)).text
                #expect(text != (try connection.statement(for: same(20, 20)).text))
                #expect(text == (try connection.statement(for: same(9, 8)).text))
            }
        }
    }

    /// As many shapes as there are, the cache keeps few; and gives each its own text and values.
    @Test func manyShapesAreKeptApart() throws {
        let c = Customers.table
        for round in 0..<2 {
            for count in 1...2_500 {
                let statement = try c.select(c.id).where(c.id.in(Array(0..<count))).statement(for: .sqlite)
                #expect(statement.parameters.count == count, "round \(round)")
            }
        }
    }

    @Test func whatServersCanDoIsToldByTheirVersions() throws {
        let c = Customers.table
        let query = c.select(c.id).intersect(c.select(c.id))
        for (dialect, old, new) in [
            (Dialect.mysql, "8.0.30", "8.0.31"), (.mysql, "8.0.4", "8.4.0"), (.mariadb, "10.2.44-MariaDB", "10.3.0"),
        ] {
            let error = #expect(throws: DatabaseError.self) { try query.statement(for: dialect, version: old) }
            #expect(error?.category == .notSupported)
            #expect(error?.message.contains("INTERSECT") == true)
            _ = try query.statement(for: dialect, version: new)
        }
        let error = #expect(throws: DatabaseError.self) {
            try c.merge(using: Orders.table, on: .always).whenMatchedDelete().statement(
                for: .postgresql,
                version: "14.9"
            )
        }
        #expect(error?.message == "PostgreSQL 14.9 does not have MERGE.")
    }

    @Test func treesThatAreTooDeepAreErrors() throws {
        let c = Customers.table
        var expression = c.id
        for _ in 0..<10_000 { expression = -expression }
        #expect(throws: DatabaseError.self) { try c.select(expression).statement(for: .sqlite) }
    }

    @Test func brackets() throws {
        let c = Customers.table
        let contains = try c.select(c.id).where(c.name.contains("a[b]%")).statement(for: .sqlserver)
        #expect(contains.parameters == [.text(#"%a\[b]\%%"#)])
        let like = try c.select(c.id).where(c.name.like(#"\[[a%"#)).statement(for: .sqlserver)
        #expect(like.parameters == [.text(#"\[\[a%"#)])
        #expect(try c.select(c.id).where(c.name.like("[a%")).statement(for: .postgresql).parameters == [.text("[a%")])
    }

    private struct Articles: Table {
        static let tableName = "article"
        let body = Column<String>("body")
    }

    @Test(arguments: QueryEngine.running) func wordsAreFound(engine: QueryEngine) async throws {
        try await engine.withPlace { connection in
            switch engine {
            case .sqlite: try await connection.execute("create virtual table article using fts5(body)")
            case .postgresql: try await connection.execute("create table article (body text)")
            case .mysql, .mariadb:
                try await connection.execute("create table article (body text, fulltext (body)) engine = innodb")
            }
            let a = Articles.table
            try await connection.execute(
                a.insert(\.body).values("The heron stands still").values("Gulls cry").values("A heron, and gulls")
            )
            let found = a.select(a.body).where(a.body.matches("heron")).orderBy(a.body)
            #expect(try await connection.fetchAll(found, limit: 9) == ["A heron, and gulls", "The heron stands still"])
            #expect(try await connection.fetchAll(a.select(a.body).where(a.body.matches("osprey")), limit: 9) == [])
        }
    }

    /// Truncating commits in MySQL, so it has a connection of its own.
    @Test(arguments: QueryEngine.running) func tablesAreTruncated(engine: QueryEngine) async throws {
        try await engine.withFixture { connection in
            try await connection.execute(Tally.as("t").truncate())
            #expect(try await connection.fetchOnly(Tally.table.select(count().expression)) == 0)
            let restart = Tally.table.truncate(restartingIdentity: true)
            if engine == .postgresql {
                try await connection.execute(restart)
            } else {
                #expect(throws: DatabaseError.self) { try connection.statement(for: restart) }
            }
        }
    }

    @Test func aDatabaseRunsQueriesOnItsConnections() async throws {
        let database = try await DriverRegistry([SQLiteDriver()]).open(ConnectionConfiguration("sqlite::memory:"))
        try await database.execute(
            "create table tally (id integer primary key, word text unique, hits integer default 1)"
        )
        let w = Tally.table
        let inserted = try await database.fetchAll(w.insert(\.word).values("a").returning(w.id, w.hits), limit: 1)
        #expect(inserted.map { "\($0.0) \($0.1)" } == ["1 1"])
        #expect(try await database.fetchOne(w.select(w.word)) == "a")
        #expect(try await database.fetchOnly(w.select(count().expression)) == 1)
        try await database.forEach(w.select(w.word)) { #expect($0 == "a") }
        await database.close()
    }
}
