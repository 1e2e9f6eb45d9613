import CBenchmark
import Foundation
import Roost
import RoostSQLite

struct Item: RowDecodable {
    var id: Int64
    var name: String
    var price: Double
    var quantity: Int
    var at: LocalDateTime
    var note: String?

    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        name = try row.next()
        price = try row.next()
        quantity = try row.next()
        at = try row.next()
        note = try row.next()
    }

    var check: UInt64 {
        var sum =
            UInt64(id) &+ UInt64(name.utf8.count) &+ UInt64(name.utf8.first ?? 0) &+ UInt64(price) &+ UInt64(quantity)
        if let note { sum &+= UInt64(note.utf8.count) &+ UInt64(note.utf8.first ?? 0) }
        return sum
    }
}

func check(_ row: [Value]) -> UInt64 {
    var sum: UInt64 = 0
    for (index, value) in row.enumerated() {
        switch value {
        case .int(let number): sum &+= UInt64(number)
        case .double(let number): sum &+= UInt64(number)
        case .text(let text) where index != 4: sum &+= UInt64(text.utf8.count) &+ UInt64(text.utf8.first ?? 0)
        default: break
        }
    }
    return sum
}

typealias InsertRow = (Int, String, Double, Int, LocalDateTime, String?)

func itemRow(_ i: Int) -> InsertRow {
    let m = benchmark_mix(UInt64(i))
    let name = "item \(m % 100_000)" + (i % 5 == 0 ? " über 12345678" : "")
    let at = LocalDateTime(microsecondsSinceEpoch: 1_704_067_200_000_000 + Int64(m % 31_000_000_000_000))
    return (
        i, name, Double(m % 1_000_000) / 100, Int((m >> 20) % 1_000), at, i % 3 == 0 ? nil : "note \((m >> 40) % 1_000)"
    )
}

// Inside a function: the globals of main.swift are checked for exclusive access at each use.
func measure() async throws {
    let work = CommandLine.arguments[1]
    let path = CommandLine.arguments[2]
    let count = Int(CommandLine.arguments[3]) ?? 0
    let connection = try await SQLiteDriver().connect(
        ConnectionConfiguration(
            url: DatabaseURL(scheme: "sqlite", database: path, options: [.init(name: "mode", value: "rwc")])
        )
    )
    var sum: UInt64 = 0
    if work.hasPrefix("insert") {
        try await connection.execute(
            "create table item (id integer primary key, name text not null, price real not null, quantity integer not null, at timestamp not null, note text)"
        )
    }
    let prepared: [InsertRow] = work.hasPrefix("insert") ? (1...count).map(itemRow) : []
    let wall = benchmark_wall_us()
    let cpu = benchmark_cpu_us()
    switch work {
    case "fetch_1m":
        let results = try await connection.query("select id, name, price, quantity, at, note from item limit \(count)")
        try await results.decode(Item.self).forEach { sum &+= $0.check }
    case "fetch_1m_on_loop":
        sum = try await withTaskExecutorPreference(connection.taskExecutor) {
            var sum: UInt64 = 0
            let results = try await connection.query(
                "select id, name, price, quantity, at, note from item limit \(count)"
            )
            try await results.decode(Item.self).forEach { sum &+= $0.check }
            return sum
        }
    case "fetch_1m_for_await":
        let results = try await connection.query("select id, name, price, quantity, at, note from item limit \(count)")
        for try await item in results.decode(Item.self) { sum &+= item.check }
    case "fetch_1m_values":
        let results = try await connection.query("select id, name, price, quantity, at, note from item limit \(count)")
        for try await row in results { sum &+= check(row.values) }
    case "point_select":
        // As an application holds a connection: its code between the statements runs on the connection's thread too.
        sum = try await withTaskExecutorPreference(connection.taskExecutor) {
            var sum: UInt64 = 0
            for i in 0..<count {
                let id = Int64(benchmark_mix(UInt64(i)) % 1_000_000) + 1
                let results = try await connection.query(
                    "select id, name, price, quantity, at, note from item where id = \(id)"
                )
                sum &+= try await results.decode(Item.self).fetchOne()?.check ?? 0
            }
            return sum
        }
    case "point_select_hop":
        for i in 0..<count {
            let id = Int64(benchmark_mix(UInt64(i)) % 1_000_000) + 1
            let results = try await connection.query(
                "select id, name, price, quantity, at, note from item where id = \(id)"
            )
            sum &+= try await results.decode(Item.self).fetchOne()?.check ?? 0
        }
    case "point_select_on_loop":
        let total = count
        sum = try await connection.run { connection in
            var sum: UInt64 = 0
            for i in 0..<total {
                let id = Int64(benchmark_mix(UInt64(i)) % 1_000_000) + 1
                let results = try await connection.query(
                    "select id, name, price, quantity, at, note from item where id = \(id)"
                )
                sum &+= try await results.decode(Item.self).fetchOne()?.check ?? 0
            }
            return sum
        }
    case "insert_1m":
        try await connection.executeMany("insert into item values (?, ?, ?, ?, ?, ?)", prepared)
        sum = UInt64(count)
    default:
        exit(3)
    }
    benchmark_report("roost", work, Int64(count), benchmark_cpu_us() - cpu, benchmark_wall_us() - wall, sum)
}

try await measure()
