import CBenchmark
import Roost
import RoostConnectionPool
import RoostMySQL
import RoostPostgreSQL

/// The works over the table of a million rows. Each prepares, starts the clock, and gives back a checksum.
struct TableWorks<C: Connection> {
    let connection: C
    let count: Int
    /// Opens another connection.
    let connect: @Sendable () async throws(DatabaseError) -> C

    /// Does a work that all engines have; nil for another one.
    func run(_ work: String) async throws -> UInt64? {
        switch work {
        case "point_select": try await pointSelect()
        case "point_select_on_loop": try await pointSelectOnLoop()
        case "point_select_in_scope": try await pointSelectInScope()
        case "pipelined_64": try await pipelined()
        case "pool16_tasks64": try await pool()
        case "fetch_1m": try await fetch()
        case "fetch_1m_on_loop": try await fetchOnLoop()
        case "fetch_1m_values": try await fetchValues()
        case "stream_5m": try await stream()
        case "insert_1m": try await insert()
        default: nil
        }
    }

    func pointSelect() async throws -> UInt64 {
        benchmark_start()
        var sum: UInt64 = 0
        for i in 0..<count { sum &+= try await point(connection, i) }
        return sum
    }

    func pointSelectOnLoop() async throws -> UInt64 {
        benchmark_start()
        return try await connection.run { [count] in try await points(on: $0, count) }
    }

    func pointSelectInScope() async throws -> UInt64 {
        benchmark_start()
        return try await withTaskExecutorPreference(connection.taskExecutor) { try await pointSelect() }
    }

    func pipelined() async throws -> UInt64 {
        benchmark_start()
        return try await inTasks(64, count) { [connection] in try await point(connection, $0) }
    }

    func pool() async throws -> UInt64 {
        var settings = PoolConfiguration(maximumConnections: 16)
        settings.acquireTimeout = nil
        let pool = try ConnectionPool(settings, connect: connect)
        let running = Task { await pool.run() }
        let work: @Sendable (Int) async throws -> UInt64 = { i in
            try await pool.withConnection { try await point($0, i) }
        }
        // Every peer opens and prepares before the clock runs.
        _ = try await inTasks(64, 6_400, work)
        benchmark_start()
        let sum = try await inTasks(64, count, work)
        benchmark_stop()
        running.cancel()
        await running.value
        return sum
    }

    func fetch() async throws -> UInt64 {
        benchmark_start()
        var sum: UInt64 = 0
        try await connection.query(items(to: count)).decode(Item.self).forEach { sum &+= $0.check }
        return sum
    }

    func fetchOnLoop() async throws -> UInt64 {
        try await withTaskExecutorPreference(connection.taskExecutor) { try await fetch() }
    }

    func fetchValues() async throws -> UInt64 {
        benchmark_start()
        var sum: UInt64 = 0
        for try await row in try await connection.query(items(to: count)) { sum &+= check(row.values) }
        return sum
    }

    /// Five times the table; `count` divides by five.
    func stream() async throws -> UInt64 {
        benchmark_start()
        var sum: UInt64 = 0
        let statement: Statement = """
            select id, name, price, quantity, at, note \
            from (select 1 union all select 2 union all select 3 union all select 4 union all select 5) five, bench_item \
            where id <= \(count / 5)
            """
        try await connection.query(statement).decode(Item.self).forEach { sum &+= $0.check }
        return sum
    }

    func insert() async throws -> UInt64 {
        let rows = (1...count).map { Item(number: $0).tuple }
        benchmark_start()
        try await connection.executeMany("insert into bench_new values (?, ?, ?, ?, ?, ?)", rows)
        return 0
    }
}

extension TableWorks<PostgreSQLConnection> {
    func copyIn() async throws -> UInt64 {
        let rows = (1...count).map(Item.init(number:))
        benchmark_start()
        try await connection.copyIn(to: Item.table, columns: Item.columns, rows) { $0.encode(into: &$1) }
        return 0
    }
}

extension TableWorks<MySQLConnection> {
    func load() async throws -> UInt64 {
        let rows = (1...count).map(Item.init(number:))
        benchmark_start()
        try await connection.load(into: Item.table, columns: Item.columns, rows) { $0.encode(into: &$1) }
        return 0
    }
}

func point(_ connection: some Connection, _ i: Int) async throws -> UInt64 {
    let results = try await connection.query(
        "select id, name, price, quantity, at, note from bench_item where id = \(benchmark_id(Int64(i)))"
    )
    return try await results.decode(Item.self).fetchOne()?.check ?? 0
}

/// The same, isolated to the connection.
func points(on connection: isolated some Connection, _ count: Int) async throws -> UInt64 {
    var sum: UInt64 = 0
    for i in 0..<count {
        let results = try await connection.query(
            "select id, name, price, quantity, at, note from bench_item where id = \(benchmark_id(Int64(i)))"
        )
        sum &+= try await results.decode(Item.self).fetchOne()?.check ?? 0
    }
    return sum
}

func items(to count: Int) -> Statement {
    "select id, name, price, quantity, at, note from bench_item where id <= \(count)"
}

/// Does 0 ..< count in `tasks` tasks and adds up.
func inTasks(
    _ tasks: Int,
    _ count: Int,
    _ work: @escaping @Sendable (Int) async throws -> UInt64
) async throws -> UInt64 {
    try await withThrowingTaskGroup(of: UInt64.self) { group in
        for task in 0..<tasks {
            group.addTask {
                var sum: UInt64 = 0
                for i in stride(from: task, to: count, by: tasks) { sum &+= try await work(i) }
                return sum
            }
        }
        return try await group.reduce(0, &+)
    }
}
