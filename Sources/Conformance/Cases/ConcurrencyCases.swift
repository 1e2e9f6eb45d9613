import Roost

extension ConformanceSuite {
    static let concurrencyCases: [ConformanceCase] = [
        ConformanceCase("Concurrency", "cancelling a task ends its statement", [.feature(.cancellation)]) { target in
            try await withConnection(target) { connection in
                let task = Task { try await connection.execute(target.endlessQuery) }
                task.cancel()
                let result = await task.result
                try await requireError(.cancelled) { _ = try result.get() }
                try await connection.ping()
            }
        },
        ConformanceCase("Concurrency", "cancel() from outside ends the running statement", [.feature(.cancellation)]) {
            target in
            try await withConnection(target) { connection in
                let (batches, arrival) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                let task = Task {
                    defer { arrival.finish() }
                    let results = try await connection.query(target.endlessQuery)
                    repeat { arrival.yield() } while try await results.nextBatch() != nil
                }
                // Each batch that arrives shows that the statement runs. One cancellation may fall between two fetches, where
                // nothing runs; the batch after it brings the next.
                for await _ in batches { connection.cancel() }
                let result = await task.result
                try await requireError(.cancelled) { _ = try result.get() }
                try requireEqual(try await connection.query("select 1").decode(Int.self).fetchOnly(), 1, "afterwards")
            }
        },
        ConformanceCase("Concurrency", "cancel() without a statement does nothing") { target in
            try await withConnection(target) { connection in
                connection.cancel()
                try requireEqual(try await connection.query("select 1").decode(Int.self).fetchOnly(), 1, "value")
            }
        },
        ConformanceCase("Concurrency", "a lock that is not granted in time", [.feature(.lockTimeouts)]) { target in
            var impatient = target
            impatient.configuration.lockTimeout = .milliseconds(20)
            let second = impatient
            try await withTable(target) { connection, table in
                try await connection.begin()
                try await connection.execute("insert into \(identifier: table) (id) values (1)")
                try await withConnection(second) { other in
                    let error = try await requireError(.lockTimeout) {
                        try await other.execute("insert into \(identifier: table) (id) values (1)")
                    }
                    try require(error.isRetryable, "not retryable")
                }
                try await connection.rollback()
            }
        },
        ConformanceCase("Concurrency", "a database serves more tasks than it has connections") { target in
            try await withTable(target) { _, table in
                let database = try await DriverRegistry([target.driver]).open(target.configuration)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<40 {
                        group.addTask {
                            try await database.execute("insert into \(identifier: table) (id) values (\(number))")
                            _ = try await database.fetchAll(
                                "select count(*) from \(identifier: table)",
                                as: Int.self,
                                limit: 1
                            )
                        }
                    }
                    try await group.waitForAll()
                }
                let count = try await database.fetchAll(
                    "select count(*) from \(identifier: table)",
                    as: Int.self,
                    limit: 1
                )
                await database.close()
                try requireEqual(count, [40], "rows")
            }
        },
        ConformanceCase("Concurrency", "money is neither made nor lost between accounts", [.feature(.transactions)]) {
            target in
            try await withTable(target, "id integer primary key, balance integer") { _, table in
                let database = try await DriverRegistry([target.driver]).open(target.configuration)
                for id in 0..<10 { try await database.execute("insert into \(identifier: table) values (\(id), 100)") }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for worker in 0..<8 {
                        group.addTask {
                            for step in 0..<10 {
                                let (from, to) = ((worker + step) % 10, (worker * 3 + step * 7 + 1) % 10)
                                try await database.withTransaction(retry: .standard) { connection in
                                    try await connection.execute(
                                        "update \(identifier: table) set balance = balance - 1 where id = \(from)"
                                    )
                                    try await connection.execute(
                                        "update \(identifier: table) set balance = balance + 1 where id = \(to)"
                                    )
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let total = try await database.fetchAll(
                    "select sum(balance) from \(identifier: table)",
                    as: Int.self,
                    limit: 1
                )
                await database.close()
                try requireEqual(total, [1_000], "total")
            }
        },
        ConformanceCase("Concurrency", "waiting for a connection ends with a clear error") { target in
            var small = target.configuration
            small.maximumConnections = 1
            small.poolTimeout = .milliseconds(200)
            let database = try await DriverRegistry([target.driver]).open(small)
            // The pool goes on connecting while callers give up, so a slow login only takes more attempts.
            var attempts = 0
            while true {
                do {
                    try await database.withConnection { _ in
                        _ = try await requireError(.poolTimeout) { try await database.execute("select 1") }
                    }
                    try await database.execute("select 1")
                    break
                } catch let error as DatabaseError where error.condition == .poolTimeout && attempts < 1_000 {
                    attempts += 1
                }
            }
            await database.close()
            try await requireError(.connectionClosed) { try await database.execute("select 1") }
        },
        ConformanceCase(
            "Concurrency",
            "a connection given back with an open transaction is rolled back",
            [.feature(.transactions)]
        ) { target in
            try await withTable(target) { _, table in
                let database = try await DriverRegistry([target.driver]).open(target.configuration)
                try await database.withConnection { connection in
                    try await connection.begin()
                    try await connection.execute("insert into \(identifier: table) (id) values (1)")
                }
                let count = try await database.fetchAll(
                    "select count(*) from \(identifier: table)",
                    as: Int.self,
                    limit: 1
                )
                await database.close()
                try requireEqual(count, [0], "rows")
            }
        },
    ]
}
