import CBenchmark
import Foundation
import GRDB

/// A record written by hand, as GRDB's documentation advises for speed: columns by index.
struct Item: FetchableRecord, TableRecord {
    static let databaseTableName = "item"

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

    /// The same sum in every peer, over every column. GRDB reads times to the millisecond.
    var check: UInt64 {
        var sum = UInt64(id) &+ textCheck(name) &+ benchmark_price_check(price) &+ UInt64(quantity)
        sum &+= UInt64((at.timeIntervalSince1970 * 1_000).rounded())
        if let note { sum &+= textCheck(note) }
        return sum
    }
}

func textCheck(_ text: String) -> UInt64 {
    UInt64(text.utf8.count) &+ UInt64(text.utf8.first ?? 0) &+ UInt64(text.utf8.last ?? 0)
}

/// Row `i`, as setup.sql makes it. The time is text: a `Date` would be written to the millisecond only.
func itemRow(_ i: Int) -> (Int, String, Double, Int, String, String?) {
    let name = "item \(i % 99_991)" + (i % 5 == 0 ? " über 12345678" : "")
    var at = [CChar](repeating: 0, count: 27)
    benchmark_time_text(1_704_067_200_000_000 + Int64(i * 37 % 31_000_000 * 1_000_000 + i % 1_000_000), &at)
    let time = at.withUnsafeBufferPointer { String(decoding: UnsafeRawBufferPointer($0).prefix(26), as: UTF8.self) }
    var note: String?
    if i % 3 != 0 {
        var text = "note \(i % 997)"
        if i % 16 == 1 {
            text += " "
            text += String(repeating: "x", count: 200 - text.utf8.count)
        }
        note = text
    }
    return (i, name, Double(i * 7_919 % 1_000_000) / 100, i * 31 % 1_000, time, note)
}

/// A block for each select, as an application without tasks has it.
func blocks(_ queue: DatabaseQueue, _ count: Int) throws -> UInt64 {
    var sum: UInt64 = 0
    for i in 0..<count {
        let item = try queue.read { db in
            try Item.fetchOne(
                db.cachedStatement(sql: "select id, name, price, quantity, at, note from item where id = ?"),
                arguments: [benchmark_id(Int64(i))]
            )
        }
        sum &+= item?.check ?? 0
    }
    return sum
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
    benchmark_start()
    switch work {
    case "fetch_1m":
        sum = try queue.unsafeReentrantRead { db in
            var sum: UInt64 = 0
            let cursor = try Item.fetchCursor(db, sql: select + " where id <= ?", arguments: [count])
            while let item = try cursor.next() { sum &+= item.check }
            return sum
        }
    case "orm_load_200k":
        sum = try queue.unsafeReentrantRead { db in
            try Item.filter(Column("id") <= count).fetchAll(db).reduce(0) { $0 &+ $1.check }
        }
    case "orm_find":
        sum = try queue.unsafeReentrantRead { db in
            var sum: UInt64 = 0
            for i in 0..<count { sum &+= try Item.fetchOne(db, key: benchmark_id(Int64(i)))?.check ?? 0 }
            return sum
        }
    case "point_select":
        sum = try blocks(queue, count)
    case "point_select_hop":
        for i in 0..<count {
            let id = benchmark_id(Int64(i))
            let item = try await queue.read { db in
                try Item.fetchOne(db.cachedStatement(sql: select + " where id = ?"), arguments: [id])
            }
            sum &+= item?.check ?? 0
        }
    case "point_select_on_loop":
        sum = try queue.unsafeReentrantRead { db in
            var sum: UInt64 = 0
            for i in 0..<count {
                let id = benchmark_id(Int64(i))
                sum &+=
                    try Item.fetchOne(db.cachedStatement(sql: select + " where id = ?"), arguments: [id])?.check ?? 0
            }
            return sum
        }
    case "insert_1m":
        try queue.inTransaction { db in
            let statement = try db.makeStatement(sql: "insert into item values (?, ?, ?, ?, ?, ?)")
            for row in prepared {
                statement.setUncheckedArguments([row.0, row.1, row.2, row.3, row.4, row.5])
                try statement.execute()
            }
            return .commit
        }
    default:
        exit(3)
    }
    benchmark_report("sqlite", "grdb", work, Int64(count), sum)
}

// An error that leaves main.swift would print a backtrace.
do {
    try await measure()
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
