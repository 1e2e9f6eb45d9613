import CBenchmark
import Foundation
import GRDB

/// A record written by hand, as GRDB's documentation advises for speed: columns by index.
struct Item: FetchableRecord {
    var id: Int64
    var name: String
    var price: Double
    var quantity: Int
    var at: Date
    var note: String?

    init(row: Row) {
        id = row[0]
        name = row[1]
        price = row[2]
        quantity = row[3]
        at = row[4]
        note = row[5]
    }

    var check: UInt64 {
        var sum =
            UInt64(id) &+ UInt64(name.utf8.count) &+ UInt64(name.utf8.first ?? 0) &+ UInt64(price) &+ UInt64(quantity)
        if let note { sum &+= UInt64(note.utf8.count) &+ UInt64(note.utf8.first ?? 0) }
        return sum
    }
}

func itemRow(_ i: Int) -> (Int, String, Double, Int, String, String?) {
    let m = benchmark_mix(UInt64(i))
    let name = "item \(m % 100_000)" + (i % 5 == 0 ? " über 12345678" : "")
    return (
        i, name, Double(m % 1_000_000) / 100, Int((m >> 20) % 1_000), "2024-01-01 00:00:00.000000",
        i % 3 == 0 ? nil : "note \((m >> 40) % 1_000)"
    )
}

// Inside a function: the globals of main.swift are checked for exclusive access at each use.
func measure() async throws {
    let work = CommandLine.arguments[1]
    let path = CommandLine.arguments[2]
    let count = Int(CommandLine.arguments[3]) ?? 0
    let queue = try DatabaseQueue(path: path)
    var sum: UInt64 = 0
    let select = "select id, name, price, quantity, at, note from item"
    if work.hasPrefix("insert") {
        try queue.unsafeReentrantWrite { db in
            try db.execute(sql: "pragma journal_mode = wal")
            try db.execute(
                sql:
                    "create table item (id integer primary key, name text not null, price real not null, quantity integer not null, at timestamp not null, note text)"
            )
        }
    }
    let prepared = work.hasPrefix("insert") ? (1...count).map(itemRow) : []
    let wall = benchmark_wall_us()
    let cpu = benchmark_cpu_us()
    switch work {
    case "fetch_1m":
        sum = try queue.unsafeReentrantRead { db in
            var sum: UInt64 = 0
            let cursor = try Item.fetchCursor(db, sql: select + " limit ?", arguments: [count])
            while let item = try cursor.next() { sum &+= item.check }
            return sum
        }
    case "point_select":
        for i in 0..<count {
            let id = Int64(benchmark_mix(UInt64(i)) % 1_000_000) + 1
            let item = try await queue.read { db in
                try Item.fetchOne(db.cachedStatement(sql: select + " where id = ?"), arguments: [id])
            }
            sum &+= item?.check ?? 0
        }
    case "point_select_on_loop":
        sum = try queue.unsafeReentrantRead { db in
            var sum: UInt64 = 0
            for i in 0..<count {
                let id = Int64(benchmark_mix(UInt64(i)) % 1_000_000) + 1
                sum &+=
                    try Item.fetchOne(db.cachedStatement(sql: select + " where id = ?"), arguments: [id])?.check ?? 0
            }
            return sum
        }
    case "insert_1m":
        try queue.unsafeReentrantWrite { db in
            let statement = try db.makeStatement(sql: "insert into item values (?, ?, ?, ?, ?, ?)")
            for row in prepared {
                statement.setUncheckedArguments([row.0, row.1, row.2, row.3, row.4, row.5])
                try statement.execute()
            }
        }
        sum = UInt64(count)
    default:
        exit(3)
    }
    benchmark_report("grdb", work, Int64(count), benchmark_cpu_us() - cpu, benchmark_wall_us() - wall, sum)
}

try await measure()
