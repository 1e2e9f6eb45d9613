import Roost

private let section = "PEP 249"

private func insertThree(_ connection: any Connection, _ table: String) async throws {
    for (id, name) in [(1, "one"), (2, "two"), (3, "three")] {
        try await connection.execute("insert into \(identifier: table) (id, name) values (\(id), \(name))")
    }
}

private func ids(_ connection: any Connection, _ table: String) async throws -> [Int] {
    try await connection.query("select id from \(identifier: table) order by id").decode(Int.self).fetchAll(
        limit: 100_000
    )
}

/// The behaviours the public DB-API 2.0 compliance suite checks, in Roost's terms.
extension ConformanceSuite {
    static let pep249Cases: [ConformanceCase] = [
        ConformanceCase(section, "connect") { target in
            try await withConnection(target) { try await $0.ping() }
        },
        ConformanceCase(section, "apilevel: the driver names itself and its schemes") { target in
            try require(
                !target.driver.name.isEmpty && !target.driver.urlSchemes.isEmpty,
                "a driver without a name or scheme"
            )
            try await withConnection(target) { try requireEqual($0.driverName, target.driver.name, "driver name") }
        },
        ConformanceCase(section, "threadsafety: a connection may be used from several tasks") { target in
            try await withConnection(target) { connection in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            try await connection.query("select \(number) + 0").decode(Int.self).fetchOnly()
                        }
                    }
                    var sum = 0
                    for try await number in group { sum += number }
                    try requireEqual(sum, 190, "sum")
                }
            }
        },
        ConformanceCase(section, "paramstyle: all five styles reach the engine") { target in
            try await withConnection(target) { connection in
                let dialect = connection.dialect
                for text in ["select ? + ?", "select :1 + :2", "select %s + %s"] {
                    // Of parameters without a type an engine makes what it likes: MySQL adds doubles.
                    let sum = try await connection.query(try Statement(text, [40, 2], dialect: dialect)).decode(
                        Double.self
                    ).fetchOnly()
                    try requireEqual(sum, 42, text)
                }
                for text in ["select :a + :b", "select %(a)s + %(b)s"] {
                    let statement = try Statement(text, named: ["a": 40, "b": 2], dialect: dialect)
                    try requireEqual(try await connection.query(statement).decode(Double.self).fetchOnly(), 42, text)
                }
            }
        },
        ConformanceCase(section, "exceptions: every category of PEP 249 exists") { _ in
            try requireEqual(DatabaseError.Category.allCases.count, 7, "categories")
        },
        ConformanceCase(section, "exceptions as connection attributes: errors name their engine") { target in
            try await withConnection(target) { connection in
                let error = try await requireError { try await connection.execute("this is not a statement") }
                try requireEqual(error.engine, target.driver.name, "engine")
            }
        },
        ConformanceCase(section, "commit") { target in
            try await withTable(target) { connection, table in
                try await connection.begin()
                try await insertThree(connection, table)
                try await connection.commit()
                try requireEqual(try await ids(connection, table), [1, 2, 3], "rows")
            }
        },
        ConformanceCase(section, "commit without a transaction does nothing") { target in
            try await withConnection(target) { try await $0.commit() }
        },
        ConformanceCase(section, "rollback", [.feature(.transactions)]) { target in
            try await withTable(target) { connection, table in
                try await connection.begin()
                try await insertThree(connection, table)
                try await connection.rollback()
                try requireEqual(try await ids(connection, table), [], "rows")
            }
        },
        ConformanceCase(section, "rollback without a transaction does nothing") { target in
            try await withConnection(target) { try await $0.rollback() }
        },
        ConformanceCase(section, "cursor: several results of one connection are independent") { target in
            try await withTable(target) { connection, table in
                try await insertThree(connection, table)
                let first = try await connection.query("select id from \(identifier: table) order by id")
                let second = try await connection.query("select id from \(identifier: table) order by id desc")
                let pairs = [
                    try await first.fetchOne()?.decode(0, as: Int.self),
                    try await second.fetchOne()?.decode(0, as: Int.self),
                ]
                try requireEqual(pairs, [1, 3], "first rows")
            }
        },
        ConformanceCase(section, "cursor isolation: what one statement did the next one sees") { target in
            try await withTable(target) { connection, table in
                try await insertThree(connection, table)
                try requireEqual(try await ids(connection, table).count, 3, "rows")
            }
        },
        ConformanceCase(section, "description: names and order of the columns") { target in
            try await withTable(target) { connection, table in
                let results = try await connection.query("select name, id as number from \(identifier: table)")
                try requireEqual(results.columns.map { $0.name.lowercased() }, ["name", "number"], "columns")
            }
        },
        ConformanceCase(section, "description: none for a statement without rows") { target in
            try await withTable(target) { connection, table in
                let results = try await connection.query("insert into \(identifier: table) (id) values (1)")
                try require(results.columns.isEmpty, "an insert described columns")
            }
        },
        ConformanceCase(section, "description: kinds tell numbers from text") { target in
            try await withTable(target) { connection, table in
                let results = try await connection.query("select id, name from \(identifier: table)")
                try requireEqual(results.columns.map(\.kind), [.int, .text], "kinds")
            }
        },
        ConformanceCase(section, "rowcount: insert, update, delete") { target in
            try await withTable(target) { connection, table in
                try await insertThree(connection, table)
                let updated = try await connection.execute("update \(identifier: table) set name = 'x' where id > 1")
                try requireEqual(updated.rowsAffected, 2, "updated")
                let deleted = try await connection.execute("delete from \(identifier: table)")
                try requireEqual(deleted.rowsAffected, 3, "deleted")
                let none = try await connection.execute("delete from \(identifier: table)")
                try requireEqual(none.rowsAffected, 0, "deleted again")
            }
        },
        ConformanceCase(section, "rowcount: unknown for DDL and queries") { target in
            try await withTable(target) { connection, table in
                try await insertThree(connection, table)
                try requireEqual(try await connection.query("select 1").summary.rowsAffected, nil, "query")
                let index = table + "_i"
                let made = try await connection.execute(
                    "create index \(identifier: index) on \(identifier: table) (name)"
                )
                try require(made.rowsAffected ?? 0 == 0, "DDL affected rows")
            }
        },
        ConformanceCase(section, "callproc: unsupported is said clearly", [.without(.storedProcedures)]) { target in
            try await withConnection(target) { connection in
                _ = try await requireError(.notSupported) { _ = try await connection.call("nothing", []) }
            }
        },
        ConformanceCase(section, "close: later use is an error") { target in
            let connection = try await target.connect()
            await connection.close()
            try await requireError(.connectionClosed) { try await connection.execute("select 1") }
            try await requireError(.connectionClosed) { try await connection.commit() }
        },
        ConformanceCase(section, "close twice") { target in
            let connection = try await target.connect()
            await connection.close()
            await connection.close()
            try require(await connection.isClosed, "not closed")
        },
        ConformanceCase(section, "close rolls an open transaction back", [.feature(.transactions)]) { target in
            try await withTable(target) { connection, table in
                let other = try await target.connect()
                try await other.begin()
                try await other.execute("insert into \(identifier: table) (id) values (1)")
                await other.close()
                try requireEqual(try await ids(connection, table), [], "rows")
            }
        },
        ConformanceCase(section, "execute: with and without parameters") { target in
            try await withTable(target) { connection, table in
                try await connection.execute("insert into \(identifier: table) values (1, 'plain')")
                try await connection.execute("insert into \(identifier: table) values (\(2), \("bound"))")
                let names = try await connection.query("select name from \(identifier: table) order by id").decode(
                    String.self
                )
                .fetchAll(limit: 3)
                try requireEqual(names, ["plain", "bound"], "names")
            }
        },
        ConformanceCase(section, "executemany") { target in
            try await withTable(target) { connection, table in
                let template = try Statement(
                    template: "insert into \(table) (id, name) values (?, ?)",
                    dialect: connection.dialect
                )
                let summary = try await executeMany(connection, template, (1...50).map { [.int($0), .text("n\($0)")] })
                try requireEqual(summary.rowsAffected, 50, "rows affected")
                try requireEqual(try await ids(connection, table), Array(1...50), "rows")
            }
        },
        ConformanceCase(section, "fetchone: rows, then nil") { target in
            try await withTable(target) { connection, table in
                let empty = try await connection.query("select id from \(identifier: table)")
                try require(try await empty.fetchOne() == nil, "a row of an empty table")
                try await insertThree(connection, table)
                let results = try await connection.query("select id from \(identifier: table) order by id")
                for expected in 1...3 {
                    try requireEqual(try await results.fetchOne()?.decode(0, as: Int.self), expected, "row")
                }
                try require(try await results.fetchOne() == nil, "a fourth row")
            }
        },
        ConformanceCase(section, "fetchmany: portions, then a short one, then none") { target in
            try await withTable(target) { connection, table in
                try await insertThree(connection, table)
                let results = try await connection.query("select id from \(identifier: table)")
                let counts = [
                    try await results.fetchMany(2).count, try await results.fetchMany(2).count,
                    try await results.fetchMany(2).count,
                ]
                try requireEqual(counts, [2, 1, 0], "portions")
            }
        },
        ConformanceCase(section, "fetchall: all, then none; a limit is kept") { target in
            try await withTable(target) { connection, table in
                try await insertThree(connection, table)
                let results = try await connection.query("select id from \(identifier: table)")
                try requireEqual(try await results.fetchAll(limit: 3).count, 3, "rows")
                try requireEqual(try await results.fetchAll(limit: 3).count, 0, "rows again")
                try await requireError(.tooManyRows) {
                    _ = try await connection.query("select id from \(identifier: table)").fetchAll(limit: 2)
                }
            }
        },
        ConformanceCase(section, "iteration over a result") { target in
            try await withTable(target) { connection, table in
                try await insertThree(connection, table)
                var seen: [Int] = []
                for try await row in try await connection.query("select id from \(identifier: table) order by id") {
                    seen.append(try row.decode(0))
                }
                try requireEqual(seen, [1, 2, 3], "rows")
            }
        },
        ConformanceCase(section, "mixed fetch: one, many and all go on where the last stopped") { target in
            try await withTable(target) { connection, table in
                _ = try await executeMany(
                    connection,
                    try Statement(template: "insert into \(table) (id) values (?)", dialect: connection.dialect),
                    (1...6).map { [.int($0)] }
                )
                let results = try await connection.query("select id from \(identifier: table) order by id")
                var seen = [try await results.fetchOne()].compactMap { $0 }
                seen += try await results.fetchMany(2)
                for try await row in results {
                    seen.append(row)
                    break
                }
                seen += try await results.fetchAll(limit: 10)
                try requireEqual(try seen.map { try $0.decode(0, as: Int.self) }, Array(1...6), "rows")
            }
        },
        ConformanceCase(section, "nextset: one result has no next") { target in
            try await withConnection(target) { connection in
                let results = try await connection.query("select 1")
                try require(try await results.nextResultSet() == false, "a second result")
            }
        },
        ConformanceCase(section, "arraysize: a cursor fetches so many at a time") { target in
            try await withTable(target) { connection, table in
                try await insertThree(connection, table)
                let cursor = try await connection.openCursor("select id from \(identifier: table)", arraySize: 2)
                let counts = [try await cursor.fetchMany().count, try await cursor.fetchMany().count]
                try requireEqual(counts, [2, 1], "portions")
                try requireEqual(cursor.rowNumber, 3, "row number")
            }
        },
        ConformanceCase(section, "None: NULL in, NULL out") { target in
            try await withTable(target) { connection, table in
                let nothing: String? = nil
                try await connection.execute("insert into \(identifier: table) values (1, \(nothing))")
                let name = try await connection.query("select name from \(identifier: table)").decode(String?.self)
                    .fetchOnly()
                try requireEqual(name, nil, "name")
            }
        },
        ConformanceCase(section, "Date, Time, Timestamp are types of their own") { _ in
            try require(LocalDate(year: 2002, month: 12, day: 25) != nil, "Date")
            try require(LocalTime(hour: 13, minute: 45, second: 30) != nil, "Time")
            try require(LocalDateTime("2002-12-25T13:45:30") != nil, "Timestamp")
        },
        ConformanceCase(section, "Binary: bytes of every value", [.type(.bytes)]) { target in
            try await withTable(target, "b \(target.columnType(.bytes) ?? "")") { connection, table in
                let all = [UInt8](0...255)
                try await connection.execute("insert into \(identifier: table) values (\(all))")
                let read = try await connection.query("select b from \(identifier: table)").decode([UInt8].self)
                    .fetchOnly()
                try requireEqual(read, all, "bytes")
            }
        },
        ConformanceCase(section, "setinputsizes, setoutputsize: not needed, any length is taken") { target in
            try await withConnection(target) { connection in
                let long = String(repeating: "abcdefgh", count: 40_000)
                try requireEqual(
                    try await connection.query("select \(long)").decode(String.self).fetchOnly(),
                    long,
                    "text"
                )
            }
        },
        ConformanceCase(section, "lastrowid", [.feature(.lastInsertID)]) { target in
            try await withTable(target, "id \(target.identityColumn), name varchar(100)") { connection, table in
                let summary = try await connection.execute("insert into \(identifier: table) (id) values (41)")
                try requireEqual(summary.lastInsertID, .int(41), "last insert ID")
            }
        },
        ConformanceCase(section, "string escaping: quotes stay quotes") { target in
            try await withTable(target) { connection, table in
                let text = "it's \"quoted\" \\ `so` -- /* ? */ :x %s"
                try await connection.execute("insert into \(identifier: table) values (1, \(text))")
                let read = try await connection.query("select name from \(identifier: table)").decode(String.self)
                    .fetchOnly()
                try requireEqual(read, text, "text")
            }
        },
    ]
}

/// `executeMany` on a connection of unknown type.
func executeMany<C: Connection>(
    _ connection: C,
    _ template: Statement,
    _ rows: [[Value]]
) async throws -> ExecutionSummary {
    try await connection.executeMany(template, values: rows)
}

/// `withTransaction` on a connection of unknown type.
func transaction<C: Connection, R>(
    _ connection: C,
    _ options: TransactionOptions = .readWrite,
    retry: RetryPolicy = .never,
    _ body: (any Connection) async throws -> R
) async throws -> R {
    try await connection.withTransaction(options, retry: retry) { try await body($0) }
}
