import CBenchmark
import Foundation
import Roost
import RoostConnectionPool
import RoostPostgreSQL

struct Item: RowDecodable {
    var id: Int64
    var name: String
    var price: Double
    var quantity: Int
    var at: Instant
    var note: String?

    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        name = try row.next()
        price = try row.next()
        quantity = try row.next()
        at = try row.next()
        note = try row.next()
    }

    /// The same sum in every peer, over every column.
    var check: UInt64 {
        UInt64(id) &+ UInt64(name.utf8.count) &+ UInt64(price) &+ UInt64(quantity)
            &+ UInt64(at.microsecondsSinceEpoch / 1_000_000 % 1_000) &+ UInt64(note?.utf8.count ?? 0)
    }
}

func check(_ row: [Value]) -> UInt64 {
    var sum: UInt64 = 0
    for value in row {
        switch value {
        case .int(let number): sum &+= UInt64(number)
        case .double(let number): sum &+= UInt64(number)
        case .text(let text): sum &+= UInt64(text.utf8.count)
        case .timestampTZ(let at): sum &+= UInt64(at.microsecondsSinceEpoch / 1_000_000 % 1_000)
        default: break
        }
    }
    return sum
}

func id(_ i: Int) -> Int64 { Int64(benchmark_mix(UInt64(i)) % 1_000_000) + 1 }

func point(_ connection: PostgreSQLConnection, _ i: Int) async throws -> UInt64 {
    let results = try await connection.query(
        "select id, name, price, quantity, at, note from bench_item where id = \(id(i))"
    )
    return try await results.decode(Item.self).fetchOne()?.check ?? 0
}

/// The same, isolated to the connection.
func points(on connection: isolated PostgreSQLConnection, _ count: Int) async throws -> UInt64 {
    var sum: UInt64 = 0
    for i in 0..<count {
        let results = try await connection.query(
            "select id, name, price, quantity, at, note from bench_item where id = \(id(i))"
        )
        sum &+= try await results.decode(Item.self).fetchOne()?.check ?? 0
    }
    return sum
}

let all: Statement = "select id, name, price, quantity, at, note from bench_item"

func limited(_ count: Int) -> Statement { "\(all) limit \(count)" }

typealias InsertRow = (Int, String, Double, Int, Instant, String?)

func insertRow(_ i: Int) -> InsertRow {
    let m = benchmark_mix(UInt64(i))
    let at = Instant(microsecondsSinceEpoch: 1_704_067_200_000_000 + Int64(m % 31_000_000_000_000))
    return (
        i, "item \(m % 100_000)" + (i % 5 == 0 ? " über 12345678" : ""), Double(m % 1_000_000) / 100,
        Int((m >> 20) % 1_000), at, i % 3 == 0 ? nil : "note \((m >> 40) % 1_000)"
    )
}

func measure() async throws {
    let work = CommandLine.arguments[1]
    let configuration = try PostgreSQLConfiguration(ConnectionConfiguration(CommandLine.arguments[2]))
    let count = Int(CommandLine.arguments[3]) ?? 0
    let connection = try await PostgreSQLConnection.connect(configuration)
    var sum: UInt64 = 0
    // What every peer has before the clock runs: an open connection and a prepared statement.
    _ = try await point(connection, 1)
    for try await _ in try await connection.query(limited(1)) {}
    let inserts = work.hasPrefix("insert") ? (1...count).map(insertRow) : []
    if work.hasPrefix("insert") {
        try await connection.execute("drop table if exists bench_new")
        try await connection.execute("create table bench_new (like bench_item)")
    }
    var wall = benchmark_wall_us()
    var cpu = benchmark_cpu_us()
    switch work {
    case "point_select":
        for i in 0..<count { sum &+= try await point(connection, i) }
    case "point_select_on_loop":
        sum = try await points(on: connection, count)
    case "point_select_in_scope":
        sum = try await withTaskExecutorPreference(connection.taskExecutor) {
            var sum: UInt64 = 0
            for i in 0..<count { sum &+= try await point(connection, i) }
            return sum
        }
    case "pipelined_64":
        sum = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for task in 0..<64 {
                group.addTask {
                    var sum: UInt64 = 0
                    for i in stride(from: task, to: count, by: 64) { sum &+= try await point(connection, i) }
                    return sum
                }
            }
            return try await group.reduce(0, &+)
        }
    case "pool16_tasks64":
        var settings = PoolConfiguration(maximumConnections: 16)
        settings.acquireTimeout = nil
        let pool = try ConnectionPool(settings) { () async throws(DatabaseError) in
            try await PostgreSQLConnection.connect(configuration)
        }
        let running = Task { await pool.run() }
        func run(_ count: Int) async throws -> UInt64 {
            try await withThrowingTaskGroup(of: UInt64.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        var sum: UInt64 = 0
                        for i in stride(from: task, to: count, by: 64) {
                            sum &+= try await pool.withConnection { try await point($0, i) }
                        }
                        return sum
                    }
                }
                return try await group.reduce(0, &+)
            }
        }
        _ = try await run(640)
        wall = benchmark_wall_us()
        cpu = benchmark_cpu_us()
        sum = try await run(count)
        running.cancel()
        await running.value
    case "fetch_1m":
        try await connection.query(limited(count)).decode(Item.self).forEach { sum &+= $0.check }
    case "fetch_1m_on_loop":
        sum = try await withTaskExecutorPreference(connection.taskExecutor) {
            var sum: UInt64 = 0
            try await connection.query(limited(count)).decode(Item.self).forEach { sum &+= $0.check }
            return sum
        }
    case "fetch_1m_values":
        for try await row in try await connection.query(limited(count)) { sum &+= check(row.values) }
    case "insert_1m":
        try await connection.executeMany("insert into bench_new values (?, ?, ?, ?, ?, ?)", inserts)
        sum = UInt64(count)
    default:
        exit(3)
    }
    benchmark_report("roost", work, Int64(count), benchmark_cpu_us() - cpu, benchmark_wall_us() - wall, sum)
    await connection.close()
}

try await measure()
