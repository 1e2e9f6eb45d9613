import Roost
import Synchronization

private struct Refusal: Error {}

private func count(_ connection: any Connection, _ table: String) async throws -> Int {
    try await connection.query("select count(*) from \(identifier: table)").decode(Int.self).fetchOnly()
}

private func insert(_ connection: any Connection, _ table: String, _ id: Int) async throws {
    try await connection.execute("insert into \(identifier: table) (id) values (\(id))")
}

private func transactionCase(
    _ title: String,
    _ requirements: [ConformanceCase.Requirement] = [],
    _ body: @escaping @Sendable (any Connection, String, ConformanceTarget) async throws -> Void
) -> ConformanceCase {
    ConformanceCase("Transactions", title, [.feature(.transactions)] + requirements) { target in
        try await withTable(target) { try await body($0, $1, target) }
    }
}

extension ConformanceSuite {
    static let transactionCases: [ConformanceCase] = [
        transactionCase("a scope commits") { connection, table, _ in
            try await transaction(connection) { try await insert($0, table, 1) }
            try requireEqual(try await count(connection, table), 1, "rows")
            try requireEqual(await connection.transactionStatus, .idle, "status")
        },
        transactionCase("a scope that throws rolls back and throws the same error") { connection, table, _ in
            do {
                try await transaction(connection) { connection in
                    try await insert(connection, table, 1)
                    throw Refusal()
                }
                throw ConformanceFailure(description: "nothing was thrown")
            } catch is Refusal {}
            try requireEqual(try await count(connection, table), 0, "rows")
            try requireEqual(await connection.transactionStatus, .idle, "status")
        },
        transactionCase("a scope returns a value") { connection, _, _ in
            try requireEqual(try await transaction(connection) { _ in 7 }, 7, "value")
        },
        transactionCase("nested scopes: the inner failure leaves the outer one usable", [.feature(.savepoints)]) {
            connection,
            table,
            _ in
            try await transaction(connection) { outer in
                try await insert(outer, table, 1)
                do {
                    try await transaction(outer) { inner in
                        try await insert(inner, table, 2)
                        throw Refusal()
                    }
                } catch is Refusal {}
                try await insert(outer, table, 3)
            }
            try requireEqual(try await count(connection, table), 2, "rows")
        },
        transactionCase("three levels", [.feature(.savepoints)]) { connection, table, _ in
            try await transaction(connection) { first in
                try await transaction(first) { second in
                    try await transaction(second) { third in
                        try await insert(third, table, 1)
                        try requireEqual(await third.transactionStatus, .open(depth: 2), "status")
                    }
                }
            }
            try requireEqual(try await count(connection, table), 1, "rows")
        },
        transactionCase("a failed statement leaves the transaction usable", [.feature(.statementLevelRollback)]) {
            connection,
            table,
            _ in
            try await transaction(connection) { connection in
                try await insert(connection, table, 1)
                try await requireError(.uniqueViolation) { try await insert(connection, table, 1) }
                try await insert(connection, table, 2)
            }
            try requireEqual(try await count(connection, table), 2, "rows")
        },
        transactionCase("savepoints by hand", [.feature(.savepoints)]) { connection, table, _ in
            try await connection.begin()
            try await insert(connection, table, 1)
            try await connection.savepoint("it's \"mine\"")
            try await insert(connection, table, 2)
            try await connection.rollbackToSavepoint("it's \"mine\"")
            try await connection.releaseSavepoint("it's \"mine\"")
            try await connection.commit()
            try requireEqual(try await count(connection, table), 1, "rows")
        },
        transactionCase("a savepoint needs a transaction", [.feature(.savepoints)]) { connection, _, _ in
            try await requireError(.invalidTransactionState) { try await connection.savepoint("s") }
        },
        transactionCase("an unknown savepoint", [.feature(.savepoints)]) { connection, _, _ in
            try await connection.begin()
            try await requireError(.invalidSavepoint) { try await connection.rollbackToSavepoint("nosuch") }
            try await connection.rollback()
        },
        transactionCase("begin inside a transaction is an error") { connection, _, _ in
            try await connection.begin()
            try await requireError(.invalidTransactionState) { try await connection.begin() }
            try await connection.rollback()
        },
        transactionCase("read-only refuses writes and ends with its scope", [.feature(.readOnlyTransactions)]) {
            connection,
            table,
            _ in
            try await requireError(.readOnly) {
                try await transaction(connection, .readOnly) { try await insert($0, table, 1) }
            }
            try await insert(connection, table, 2)
        },
        transactionCase("DDL rolls back", [.feature(.transactionalDDL)]) { connection, table, _ in
            let other = table + "_ddl"
            try await connection.begin()
            try await connection.execute("create table \(identifier: other) (id integer)")
            try await connection.rollback()
            try await requireError(.undefinedTable) {
                try await connection.execute("select * from \(identifier: other)")
            }
        },
        transactionCase("uncommitted rows are not seen elsewhere") { connection, table, target in
            try await connection.begin()
            try await insert(connection, table, 1)
            try await withConnection(target) { try requireEqual(try await count($0, table), 0, "rows elsewhere") }
            try await connection.commit()
            try await withConnection(target) { try requireEqual(try await count($0, table), 1, "rows elsewhere") }
        },
        transactionCase("a retry policy runs the scope again") { connection, table, _ in
            let attempts = Atomic<Int>(0)
            try await transaction(connection, retry: RetryPolicy(maximumAttempts: 3, initialDelay: .zero)) {
                connection in
                try await insert(connection, table, 1)
                if attempts.add(1, ordering: .relaxed).newValue < 3 {
                    throw DatabaseError(.operational, .serializationFailure, "again")
                }
            }
            try requireEqual(attempts.load(ordering: .relaxed), 3, "attempts")
            try requireEqual(try await count(connection, table), 1, "rows")
        },
        transactionCase("a retry policy gives up, and does not retry what cannot pass") { connection, table, _ in
            let attempts = Atomic<Int>(0)
            try await insert(connection, table, 1)
            try await requireError(.uniqueViolation) {
                try await transaction(connection, retry: .standard) { connection in
                    attempts.add(1, ordering: .relaxed)
                    try await insert(connection, table, 1)
                }
            }
            try requireEqual(attempts.load(ordering: .relaxed), 1, "attempts")
        },
        transactionCase("reset ends an open transaction") { connection, table, _ in
            try await connection.begin()
            try await insert(connection, table, 1)
            try await connection.reset()
            try requireEqual(await connection.transactionStatus, .idle, "status")
            try requireEqual(try await count(connection, table), 0, "rows")
        },
        transactionCase("a cancelled scope rolls back") { connection, table, target in
            let (insertions, inserted) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                // Ends the wait below also when the transaction fails before its row is in.
                defer { inserted.finish() }
                try await transaction(connection) { connection in
                    try await insert(connection, table, 1)
                    inserted.finish()
                    try await connection.execute(target.endlessQuery)
                }
            }
            for await _ in insertions {}
            task.cancel()
            let result = await task.result
            try await requireError(.cancelled) { try result.get() }
            try requireEqual(await connection.transactionStatus, .idle, "status")
            try requireEqual(try await count(connection, table), 0, "rows")
        },
        transactionCase("executeMany joins an open transaction") { connection, table, _ in
            try await connection.begin()
            let template = try Statement(template: "insert into \(table) (id) values (?)", dialect: connection.dialect)
            _ = try await executeMany(connection, template, [[1], [2]])
            try await requireError(.uniqueViolation) { _ = try await executeMany(connection, template, [[3], [1]]) }
            try requireEqual(await connection.transactionStatus, .open(depth: 0), "status")
            try await connection.commit()
            try requireEqual(try await count(connection, table), 2, "rows")
        },
    ]
}
