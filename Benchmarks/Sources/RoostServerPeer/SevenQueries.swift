import CBenchmark
import Roost
import RoostPostgreSQL

/// Queries of the seven shapes of asyncpg's public benchmark, over ten connections with one task each. An operation is a row.
struct SevenQueries {
    static let connections = 10

    let configuration: PostgreSQLConfiguration
    /// How many queries.
    let count: Int

    func run(_ number: Int) async throws -> (rows: Int, checksum: UInt64) {
        let query: @Sendable (PostgreSQLConnection) async throws -> Answer
        switch number {
        case 1: query = types
        case 2: query = series
        case 3: query = bytes
        case 4: query = arrays
        case 5:
            let rows = (1...10_000).map(NewRow.init(number:))
            query = {
                Answer(
                    rows: try await $0.copyIn(to: "bench_rows", columns: NewRow.columns, rows) { $0.encode(into: &$1) }
                )
            }
        case 6:
            let rows = (1...1_000).map { NewRow(number: $0).tuple }
            query = {
                let summary = try await $0.executeMany(
                    "insert into bench_rows (a, b, c, d, e, f, g) values (?, ?, ?, ?, ?, ?, ?)",
                    rows
                )
                return Answer(rows: summary.rowsAffected ?? 0)
            }
        default: query = one
        }
        var connections: [PostgreSQLConnection] = []
        for _ in 0..<Self.connections {
            let connection = try await PostgreSQLConnection.connect(configuration)
            // Every peer has prepared its statement before the clock runs; what is written is not.
            if number < 5 || number == 7 { _ = try await query(connection) }
            connections.append(connection)
        }
        benchmark_start()
        let answer = try await withThrowingTaskGroup(of: Answer.self) { [count] group in
            for (task, connection) in connections.enumerated() {
                group.addTask {
                    var sum = Answer()
                    for _ in stride(from: task, to: count, by: Self.connections) { sum += try await query(connection) }
                    return sum
                }
            }
            return try await group.reduce(into: Answer()) { $0 += $1 }
        }
        benchmark_stop()
        for connection in connections { await connection.close() }
        return (answer.rows, answer.checksum)
    }

    struct Answer: Sendable {
        var rows = 0
        var checksum: UInt64 = 0

        static func += (left: inout Self, right: Self) {
            left.rows += right.rows
            left.checksum &+= right.checksum
        }
    }
}

private func types(_ connection: PostgreSQLConnection) async throws -> SevenQueries.Answer {
    var answer = SevenQueries.Answer()
    let results = try await connection.query(
        """
        select oid, typname, typnamespace, typlen, typbyval, typtype, typcategory, typispreferred, typdelim, typelem, typarray, \
        typnotnull from pg_type where typnamespace = 11 and typtypmod = \(-1) and typisdefined = \(true)
        """
    )
    try await results.decode(TypeFacts.self).forEach {
        answer.rows += 1
        answer.checksum &+= $0.check
    }
    return answer
}

private func series(_ connection: PostgreSQLConnection) async throws -> SevenQueries.Answer {
    var answer = SevenQueries.Answer()
    let results = try await connection.query("select n from generate_series(1, \(1_000)::integer) n")
    try await results.decode(Int.self).forEach {
        answer.rows += 1
        answer.checksum &+= UInt64($0)
    }
    return answer
}

private func bytes(_ connection: PostgreSQLConnection) async throws -> SevenQueries.Answer {
    var answer = SevenQueries.Answer()
    try await connection.query("select data from bench_bytes").decode([UInt8].self).forEach {
        answer.rows += 1
        answer.checksum &+= UInt64($0.count) &+ UInt64($0.first ?? 0) &+ UInt64($0.last ?? 0)
    }
    return answer
}

private func arrays(_ connection: PostgreSQLConnection) async throws -> SevenQueries.Answer {
    var answer = SevenQueries.Answer()
    try await connection.query("select numbers from bench_array").decode([Int32].self).forEach {
        answer.rows += 1
        for number in $0 { answer.checksum &+= UInt64(number) }
    }
    return answer
}

private func one(_ connection: PostgreSQLConnection) async throws -> SevenQueries.Answer {
    let number = try await connection.query("select 40 + 2").decode(Int.self).fetchOne() ?? 0
    return SevenQueries.Answer(rows: 1, checksum: UInt64(number))
}
