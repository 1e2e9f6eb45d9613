import Roost

/// `any Connection` opened up, so that its generic members can be called.
private func pipelined<C: Connection, each Output>(
    _ connection: C,
    _ body: (Pipeline) throws -> (repeat PipelineStep<each Output>)
) async throws -> (repeat each Output) {
    try await connection.pipeline(body)
}

extension ConformanceSuite {
    static let pipelineCases: [ConformanceCase] = [
        ConformanceCase("Pipelines", "results come in the order of their statements") { target in
            try await withTable(target) { connection, table in
                let (inserted, count, names) = try await pipelined(connection) {
                    (
                        $0.execute("insert into \(identifier: table) (id, name) values (1, 'a'), (2, 'b')"),
                        $0.one("select count(*) from \(identifier: table)", as: Int.self),
                        $0.all("select name from \(identifier: table) order by id", as: String.self, limit: 10)
                    )
                }
                try requireEqual(inserted.rowsAffected, 2, "rows affected")
                try requireEqual(count, 2, "count")
                try requireEqual(names, ["a", "b"], "names")
            }
        },
        ConformanceCase("Pipelines", "an error is thrown, and the statements after it run") { target in
            try await withTable(target) { connection, table in
                try await requireError(.undefinedTable) {
                    _ = try await pipelined(connection) {
                        (
                            $0.execute("insert into \(identifier: table) (id) values (1)"),
                            $0.execute("insert into nosuchtable (id) values (1)"),
                            $0.execute("insert into \(identifier: table) (id) values (2)")
                        )
                    }
                }
                let (count, one) = try await pipelined(connection) {
                    (
                        $0.one("select count(*) from \(identifier: table)", as: Int.self),
                        $0.one("select 1", as: Int.self)
                    )
                }
                try require(count == 2 && one == 1, "\(count), \(one)")
            }
        },
        ConformanceCase("Pipelines", "a long result ahead of a short one") { target in
            try await withConnection(target) { connection in
                let numbers: Statement =
                    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 50000) select i from n"
                let (sum, last) = try await pipelined(connection) {
                    (
                        $0.read(numbers) { rows in
                            var sum = 0
                            for try await number in rows.decode(Int.self) { sum += number }
                            return sum
                        },
                        $0.one("select 'end'", as: String.self)
                    )
                }
                try require(sum == 1_250_025_000 && last == "end", "\(sum), \(last)")
            }
        },
        ConformanceCase("Pipelines", "a result left early holds nobody up") { target in
            try await withConnection(target) { connection in
                let (first, second) = try await pipelined(connection) {
                    (
                        $0.read(target.endlessQuery) { rows in try await rows.fetchMany(2).count },
                        $0.one("select 2", as: Int.self)
                    )
                }
                try require(first == 2 && second == 2, "\(first), \(second)")
            }
        },
    ]
}
