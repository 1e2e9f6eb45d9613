import Roost

extension ConformanceSuite {
    static let executionCases: [ConformanceCase] = [
        ConformanceCase("Execution", "executeMany is all or nothing", [.feature(.transactions)]) { target in
            try await withTable(target) { connection, table in
                let template = try Statement(
                    template: "insert into \(table) (id) values (?)",
                    dialect: connection.dialect
                )
                try await requireError(.uniqueViolation) {
                    _ = try await executeMany(connection, template, (1...5_000).map { [.int($0)] } + [[1]])
                }
                let left = try await connection.query("select count(*) from \(identifier: table)").decode(Int.self)
                    .fetchOnly()
                try requireEqual(left, 0, "rows")
            }
        },
        ConformanceCase("Execution", "executeMany with no rows") { target in
            try await withTable(target) { connection, table in
                let template = try Statement(
                    template: "insert into \(table) (id) values (?)",
                    dialect: connection.dialect
                )
                try requireEqual(try await executeMany(connection, template, []).rowsAffected, 0, "rows affected")
            }
        },
        ConformanceCase("Execution", "executeMany with a row too short says which") { target in
            try await withTable(target) { connection, table in
                let template = try Statement(
                    template: "insert into \(table) (id, name) values (?, ?)",
                    dialect: connection.dialect
                )
                let error = try await requireError(.parameterMismatch) {
                    _ = try await executeMany(connection, template, [[1, "a"], [2]])
                }
                try require(error.message.contains("2"), error.message)
            }
        },
        ConformanceCase("Execution", "executeMany of 100,000 rows") { target in
            try await withTable(target) { connection, table in
                let template = try Statement(
                    template: "insert into \(table) (id, name) values (?, ?)",
                    dialect: connection.dialect
                )
                _ = try await executeMany(connection, template, (1...100_000).map { [.int($0), .text("row \($0)")] })
                let (rows, sum) = try await connection.query("select count(*), sum(id) from \(identifier: table)")
                    .decode((Int, Int).self).fetchOnly()
                try require(rows == 100_000 && sum == 5_000_050_000, "\(rows) rows, sum \(sum)")
            }
        },
        ConformanceCase("Execution", "rows move from one connection to another in batches") { target in
            try await withTable(target) { connection, table in
                let copy = table + "_copy"
                let template = try Statement(
                    template: "insert into \(table) (id, name) values (?, ?)",
                    dialect: connection.dialect
                )
                _ = try await executeMany(
                    connection,
                    template,
                    (1...3_000).map { [.int($0), $0 % 7 == 0 ? .null : .text("n\($0)")] }
                )
                try await connection.execute("create table \(identifier: copy) (id integer, name varchar(100))")
                let into = try Statement(
                    template: "insert into \(copy) (id, name) values (?, ?)",
                    dialect: connection.dialect
                )
                let summary = try await copyRows(of: "select id, name from \(identifier: table)", by: into, connection)
                try requireEqual(summary.rowsAffected, 3_000, "rows")
                let differing: Statement =
                    "select count(*) from (select * from \(identifier: table) except select * from \(identifier: copy)) d"
                try requireEqual(
                    try await connection.query(differing).decode(Int.self).fetchOnly(),
                    0,
                    "differing rows"
                )
                try await connection.execute("drop table \(identifier: copy)")
            }
        },
        ConformanceCase("Execution", "RETURNING", [.feature(.returning)]) { target in
            try await withTable(target) { connection, table in
                let returned = try await connection.query(
                    "insert into \(identifier: table) (id, name) values (1, 'a'), (2, 'b') returning id, name"
                ).decode((Int, String).self).fetchAll(limit: 2)
                try require(returned.count == 2 && returned[1] == (2, "b"), "\(returned)")
            }
        },
        ConformanceCase("Execution", "executeMany with RETURNING", [.feature(.returning)]) { target in
            try await withTable(target) { connection, table in
                var builder = RowBatchBuilder(columnCount: 1)
                for id in 1...100 {
                    builder.append(Int64(id))
                    try builder.endRow()
                }
                let template = try Statement(
                    template: "insert into \(table) (id) values (?) returning id * 2",
                    dialect: connection.dialect
                )
                let ids = try await connection.queryBatch(template, rows: builder.finish(), options: .standard).decode(
                    Int.self
                )
                .fetchAll(limit: 100)
                try requireEqual(ids, (1...100).map { $0 * 2 }, "returned")
            }
        },
        ConformanceCase("Execution", "executeMany with RETURNING, typed", [.feature(.returning)]) { target in
            try await withTable(target) { try await returnTyped($0, $1) }
        },
        ConformanceCase(
            "Execution",
            "executeMany with RETURNING is all or nothing",
            [.feature(.returning), .feature(.transactions)]
        ) { target in
            try await withTable(target) { try await refuseReturning($0, $1) }
        },
        ConformanceCase("Execution", "prepare tells parameters and columns") { target in
            try await withTable(target) { connection, table in
                let template = try Statement(
                    template: "select id, name from \(table) where id = ?",
                    dialect: connection.dialect
                )
                let prepared = try await connection.prepare(template)
                try requireEqual(prepared.description.parameterCount, 1, "parameters")
                try requireEqual(prepared.description.columns.names.map { $0.lowercased() }, ["id", "name"], "columns")
                try await connection.execute("insert into \(identifier: table) values (5, 'five')")
                for _ in 0..<3 {
                    try requireEqual(
                        try await prepared.query(5).decode((Int, String).self).fetchOnly().1,
                        "five",
                        "name"
                    )
                }
            }
        },
        ConformanceCase("Execution", "a statement is good after DDL changed its table") { target in
            try await withTable(target) { connection, table in
                try await connection.execute("insert into \(identifier: table) values (1, 'x')")
                try requireEqual(
                    try await connection.query("select * from \(identifier: table)").columns.count,
                    2,
                    "columns"
                )
                try await connection.execute("alter table \(identifier: table) add column extra integer")
                let results = try await connection.query("select * from \(identifier: table)")
                try requireEqual(results.columns.count, 3, "columns")
                try requireEqual(try await results.fetchAll(limit: 1).first?.values.count, 3, "values")
            }
        },
        ConformanceCase("Execution", "more statements than the cache keeps") { target in
            try await withConnection(target) { connection in
                for number in 0..<400 {
                    let value = try await connection.query("select \(unsafe: "\(number)") + 0").decode(Int.self)
                        .fetchOnly()
                    try requireEqual(value, number, "value")
                }
            }
        },
        ConformanceCase("Execution", "empty lists keep the meaning of IN and NOT IN") { target in
            try await withConnection(target) { connection in
                let none: [Int] = []
                let inside = try await connection.query(
                    "select count(*) from (select 1 as n) t where n in (\(list: none))"
                )
                .decode(Int.self).fetchOnly()
                let outside = try await connection.query(
                    "select count(*) from (select 1 as n) t where n not in (\(list: none))"
                )
                .decode(Int.self).fetchOnly()
                try requireEqual([inside, outside], [0, 1], "counts")
            }
        },
        ConformanceCase("Execution", "identifiers with quotes, blanks and keywords") { target in
            try await withConnection(target) { connection in
                let table = "select \"from\" where"
                try await connection.execute("create table \(identifier: table) (\(identifier: "order by") integer)")
                try await connection.execute("insert into \(identifier: table) values (1)")
                let count = try await connection.query("select \(identifier: "order by") from \(identifier: table)")
                    .decode(Int.self)
                    .fetchOnly()
                try await connection.execute("drop table \(identifier: table)")
                try requireEqual(count, 1, "value")
            }
        },
        ConformanceCase("Execution", "recursive queries", [.feature(.recursiveQueries)]) { target in
            try await withConnection(target) { connection in
                let sum = try await connection.query(
                    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100) select sum(i) from n"
                ).decode(Int.self).fetchOnly()
                try requireEqual(sum, 5_050, "sum")
            }
        },
        ConformanceCase("Execution", "window functions", [.feature(.windowFunctions)]) { target in
            try await withConnection(target) { connection in
                let ranks = try await connection.query(
                    "select row_number() over (order by n desc) from (select 1 as n union all select 2) t order by n"
                ).decode(Int.self).fetchAll(limit: 2)
                try requireEqual(ranks, [2, 1], "ranks")
            }
        },
        ConformanceCase("Execution", "a million rows stream in bounded memory", [.feature(.recursiveQueries)]) {
            target in
            try await withConnection(target) { connection in
                let results = try await connection.query(
                    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000) select i, 'padding padding' from n"
                )
                var rows = 0
                var largest = 0
                while let batch = try await results.nextBatch() {
                    rows += batch.rowCount
                    largest = max(largest, batch.byteCount)
                }
                try requireEqual(rows, 1_000_000, "rows")
                try require(largest <= 1 << 20, "a batch of \(largest) bytes")
            }
        },
        ConformanceCase("Execution", "an abandoned result frees its connection", [.feature(.recursiveQueries)]) {
            target in
            try await withTable(target) { connection, table in
                for _ in 0..<50 {
                    let results = try await connection.query(target.endlessQuery)
                    _ = try await results.fetchOne()
                }
                try await connection.execute("insert into \(identifier: table) (id) values (1)")
            }
        },
        ConformanceCase("Execution", "closing a result early", [.feature(.recursiveQueries)]) { target in
            try await withConnection(target) { connection in
                let results = try await connection.query(target.endlessQuery)
                _ = try await results.fetchMany(10)
                results.close()
                try require(try await results.fetchOne() == nil, "a row after close")
                try await connection.ping()
            }
        },
        ConformanceCase("Execution", "a time-out ends the statement", [.feature(.statementTimeouts)]) { target in
            try await withConnection(target) { connection in
                let options = ExecutionOptions(timeout: .milliseconds(30))
                try await requireError(.timeout) {
                    _ = try await connection.execute(target.endlessQuery, options: options)
                }
                try await connection.ping()
            }
        },
        ConformanceCase("Execution", "a time-out covers the rows of a result too", [.feature(.statementTimeouts)]) {
            target in
            try await withConnection(target) { connection in
                let options = ExecutionOptions(timeout: .milliseconds(30))
                try await requireError(.timeout) {
                    _ = try await connection.query(target.endlessQuery, options: options).drain()
                }
            }
        },
        ConformanceCase("Execution", "run: work on the connection's own executor") { target in
            try await withConnection(target) { try requireEqual(try await sumOnExecutor($0), 55, "sum") }
        },
    ]
}

private func copyRows<C: Connection>(
    of query: Statement,
    by template: Statement,
    _ connection: C
) async throws -> ExecutionSummary {
    try await connection.executeMany(template, rowsOf: try await connection.query(query))
}

private func sumOnExecutor<C: Connection>(_ connection: C) async throws -> Int {
    try await connection.run { connection in
        var sum = 0
        for number in 1...10 { sum += try await connection.query("select \(number) + 0").decode(Int.self).fetchOnly() }
        return sum
    }
}

private struct NamedRow: RowDecodable, Equatable {
    static let columnNames: [String]? = ["name", "id"]
    var name: String?
    var id: Int
    init(from row: inout RowReader) throws(DatabaseError) {
        name = try row.next()
        id = try row.next()
    }
}

private func returnTyped<C: Connection>(_ connection: C, _ table: String) async throws {
    func template(_ text: String) throws -> Statement {
        try Statement(template: "insert into \(table) \(text)", dialect: connection.dialect)
    }
    // More than one batch, so that the order across batches shows.
    let ids = try await connection.executeMany(
        try template("(id) values (?) returning id"),
        1...20_000,
        returning: Int.self
    )
    try require(ids == Array(1...20_000), "\(ids.count) ids, or out of order")
    let pairs = try await connection.executeMany(
        try template("(id, name) values (?, ?) returning id * 2, name"),
        [(30_001, "a"), (30_002, nil)] as [(Int, String?)],
        returning: (Int, String?).self
    )
    try require(pairs.count == 2 && pairs[0] == (60_002, "a") && pairs[1] == (60_004, nil), "\(pairs)")
    let rows = try await connection.executeMany(
        try template("(id, name) values (?, ?) returning id, name"),
        [(30_003, "c")],
        returning: NamedRow.self
    )
    try require(rows.first?.id == 30_003 && rows.first?.name == "c" && rows.count == 1, "\(rows)")
    let none = try await connection.executeMany(
        try template("(id) values (?) returning id"),
        [Int](),
        returning: Int.self
    )
    try requireEqual(none, [], "rows of no rows")
}

private func refuseReturning<C: Connection>(_ connection: C, _ table: String) async throws {
    let template = try Statement(
        template: "insert into \(table) (id) values (?) returning id",
        dialect: connection.dialect
    )
    try await requireError(.uniqueViolation) {
        _ = try await connection.executeMany(template, Array(1...10_000) + [1], returning: Int.self)
    }
    try await requireError(.tooManyRows) {
        _ = try await connection.executeMany(template, 1...10_000, returning: Int.self, limit: 9_999)
    }
    try await requireError(.typeMismatch) {
        _ = try await connection.executeMany(template, 1...10, returning: LocalDate.self)
    }
    let left = try await connection.query("select count(*) from \(identifier: table)").decode(Int.self).fetchOnly()
    try requireEqual(left, 0, "rows")
}
