import Roost

private func errorCase(
    _ title: String,
    _ condition: DatabaseError.Condition,
    _ category: DatabaseError.Category,
    state: String?,
    _ requirements: [ConformanceCase.Requirement] = [],
    columns: String = "id integer not null primary key, name varchar(100)",
    _ statements: @escaping @Sendable (String) -> [Statement]
) -> ConformanceCase {
    ConformanceCase("Errors", title, requirements) { target in
        try await withTable(target, columns) { connection, table in
            var list = statements(table)
            let last = list.removeLast()
            for statement in list { try await connection.execute(statement) }
            let error = try await requireError(condition) { try await connection.execute(last) }
            try requireEqual(error.category, category, "category")
            if let state { try requireEqual(error.sqlState, state, "SQLSTATE") }
            try require(!error.message.isEmpty, "no message")
            try requireEqual(
                try await connection.query("select 1").decode(Int.self).fetchOnly(),
                1,
                "the connection afterwards"
            )
        }
    }
}

extension ConformanceSuite {
    static let errorCases: [ConformanceCase] = [
        errorCase("unique violation", .uniqueViolation, .integrity, state: "23505") { table in
            ["insert into \(identifier: table) (id) values (1)", "insert into \(identifier: table) (id) values (1)"]
        },
        errorCase(
            "not-null violation",
            .notNullViolation,
            .integrity,
            state: "23502",
            columns: "id integer not null, n integer not null"
        ) {
            ["insert into \(identifier: $0) (id) values (1)"]
        },
        errorCase(
            "check violation",
            .checkViolation,
            .integrity,
            state: "23514",
            [.feature(.checkConstraints)],
            columns: "id integer check (id > 0)"
        ) { ["insert into \(identifier: $0) (id) values (-1)"] },
        errorCase(
            "foreign-key violation",
            .foreignKeyViolation,
            .integrity,
            state: "23503",
            [.feature(.foreignKeys)],
            columns: "id integer primary key, parent integer, foreign key (parent) references roost_self (id)"
        ) { ["insert into \(identifier: $0) values (1, 99)"] },
        errorCase("syntax error", .syntaxError, .programming, state: "42601") { _ in ["selec 1"] },
        errorCase("unknown table", .undefinedTable, .programming, state: "42P01") { _ in
            ["select * from roost_no_such_table"]
        },
        errorCase("unknown column", .undefinedColumn, .programming, state: "42703") {
            ["select nosuch from \(identifier: $0)"]
        },
        errorCase("unknown function", .undefinedFunction, .programming, state: "42883") { _ in
            ["select roost_no_such_function(1)"]
        },
        errorCase("table exists", .duplicateObject, .programming, state: "42P07") {
            ["create table \(identifier: $0) (id integer)"]
        },
        errorCase("ambiguous column", .ambiguousName, .programming, state: "42702") {
            ["select id from \(identifier: $0) a, \(identifier: $0) b"]
        },
        errorCase("too few parameters", .parameterMismatch, .programming, state: nil) { _ in ["select ? + ?"] },
        errorCase("an empty statement", .syntaxError, .programming, state: nil) { _ in ["  -- nothing"] },
        ConformanceCase("Errors", "two statements in one text are refused: nothing runs") { target in
            try await withTable(target) { connection, table in
                try await requireError(.invalidStatement, .syntaxError) {
                    try await connection.execute("select 1; drop table \(identifier: table)")
                }
                _ = try await connection.query("select * from \(identifier: table)")
            }
        },
        ConformanceCase("Errors", "a syntax error tells its position") { target in
            try await withConnection(target) { connection in
                let error = try await requireError(.syntaxError) { try await connection.execute("select 1 frm x y") }
                try require((error.position ?? 0) > 8, "position \(String(describing: error.position))")
            }
        },
        ConformanceCase("Errors", "values never appear in errors") { target in
            try await withTable(target, "id integer primary key, name varchar(100) not null unique") {
                connection,
                table in
                let secret = "s3cret-value"
                try await connection.execute("insert into \(identifier: table) values (1, \(secret))")
                let error = try await requireError(.uniqueViolation) {
                    try await connection.execute("insert into \(identifier: table) values (2, \(secret))")
                }
                try require(!"\(error)\(error.debugDescription)".contains(secret), "the value is shown")
            }
        },
        ConformanceCase("Errors", "too many parameters") { target in
            try await withConnection(target) { connection in
                let template = try Statement(template: "select ?", dialect: connection.dialect)
                try await requireError(.parameterMismatch) { _ = try template.binding([1, 2]) }
            }
        },
        ConformanceCase("Errors", "an unknown scheme lists those there are") { target in
            let registry = DriverRegistry([target.driver])
            try await requireError(.invalidConfiguration) { _ = try registry.driver(forScheme: "nosuch") }
        },
        ConformanceCase("Errors", "which errors are worth a retry") { _ in
            try require(DatabaseError(.operational, .deadlock, "x").isRetryable, "deadlock")
            try require(DatabaseError(.operational, .serializationFailure, "x").isRetryable, "serialization failure")
            try require(!DatabaseError(.integrity, .uniqueViolation, "x").isRetryable, "unique violation")
        },
    ]
}
