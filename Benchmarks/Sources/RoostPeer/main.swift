import CBenchmark
import Foundation
import Roost
import RoostORM
import RoostQuery
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

    /// Row `number`, as setup.sql makes it.
    init(number i: Int) {
        id = Int64(i)
        name = "item \(i % 99_991)" + (i % 5 == 0 ? " über 12345678" : "")
        price = Double(i * 7_919 % 1_000_000) / 100
        quantity = i * 31 % 1_000
        at = LocalDateTime(
            microsecondsSinceEpoch: 1_704_067_200_000_000 + Int64(i * 37 % 31_000_000 * 1_000_000 + i % 1_000_000)
        )
        guard i % 3 != 0 else { return }
        var text = "note \(i % 997)"
        if i % 16 == 1 {
            text += " "
            text += String(repeating: "x", count: 200 - text.utf8.count)
        }
        note = text
    }

    var tuple: (Int64, String, Double, Int, LocalDateTime, String?) { (id, name, price, quantity, at, note) }

    /// The same sum in every peer, over every column.
    var check: UInt64 {
        var sum = UInt64(id) &+ textCheck(name) &+ benchmark_price_check(price) &+ UInt64(quantity) &+ timeCheck(at)
        if let note { sum &+= textCheck(note) }
        return sum
    }
}

extension Item: Model {
    struct Columns: Table {
        static let tableName = "item"
        let id = Column<Int64>("id")
        let name = Column<String>("name")
        let price = Column<Double>("price")
        let quantity = Column<Int>("quantity")
        let at = Column<LocalDateTime>("at")
        let note = Column<String?>("note")
    }
    typealias Key = Int64
    static let mapping = Mapping<Item>(key: .assigned(\.id, \.id))

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(name)
        row.write(price)
        row.write(quantity)
        row.write(at)
        row.write(note)
    }
}

func textCheck(_ text: String) -> UInt64 {
    UInt64(text.utf8.count) &+ UInt64(text.utf8.first ?? 0) &+ UInt64(text.utf8.last ?? 0)
}

/// Whole milliseconds: one of the peers keeps no more.
func timeCheck(_ at: LocalDateTime) -> UInt64 { UInt64(at.microsecondsSinceEpoch / 1_000) }

func check(_ row: [Value]) throws -> UInt64 {
    var sum: UInt64 = 0
    for (index, value) in row.enumerated() {
        switch value {
        case .int(let number): sum &+= UInt64(number)
        case .double(let number): sum &+= benchmark_price_check(number)
        // SQLite has no times; untyped rows hold the text.
        case .text(let text) where index == 4: sum &+= textTimeCheck(text)
        case .text(let text): sum &+= textCheck(text)
        case .timestamp(let at): sum &+= timeCheck(at)
        default: break
        }
    }
    return sum
}

func textTimeCheck(_ text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { $0.withMemoryRebound(to: CChar.self) { benchmark_time_check($0.baseAddress) } }
}

let columns: Statement = "select id, name, price, quantity, at, note from item"

func point(_ connection: SQLiteConnection, _ i: Int) async throws -> UInt64 {
    let results = try await connection.query(
        "select id, name, price, quantity, at, note from item where id = \(benchmark_id(Int64(i)))"
    )
    return try await results.decode(Item.self).fetchOne()?.check ?? 0
}

func fetch(_ connection: SQLiteConnection, _ count: Int) async throws -> UInt64 {
    var sum: UInt64 = 0
    try await connection.query("\(columns) where id <= \(count)").decode(Item.self).forEach { sum &+= $0.check }
    return sum
}

/// Loads models; `isModel` is false for the driver's own way.
func load(_ connection: SQLiteConnection, _ count: Int, isModel: Bool) async throws -> UInt64 {
    let found =
        isModel
        ? try await connection.fetchAll(Item.where { $0.id <= Int64(count) }, limit: .unbounded)
        : try await connection.query("\(columns) where id <= \(count)").decode(Item.self).fetchAll(limit: .unbounded)
    return found.reduce(0) { $0 &+ $1.check }
}

// Inside a function: the globals of main.swift are checked for exclusive access at each use.
func measure() async throws {
    // A first word "orm" asks for models.
    let isModel = CommandLine.arguments[1] == "orm"
    let arguments = Array(CommandLine.arguments.dropFirst(isModel ? 2 : 1))
    let work = arguments[0]
    let path = arguments[1]
    let count = Int(arguments[2]) ?? 0
    let connection = try await SQLiteDriver().connect(
        ConnectionConfiguration(
            url: DatabaseURL(scheme: "sqlite", database: path, options: [.init(name: "mode", value: "rwc")])
        )
    )
    var sum: UInt64 = 0
    var prepared: [(Int64, String, Double, Int, LocalDateTime, String?)] = []
    if work == "insert_1m" {
        try await connection.execute(
            "create table item (id integer primary key, name text not null, price real not null, quantity integer not null, at timestamp not null, note text)"
        )
        prepared = (1...count).map { Item(number: $0).tuple }
    }
    benchmark_start()
    switch work {
    case "fetch_1m":
        sum = try await fetch(connection, count)
    case "fetch_1m_on_loop":
        sum = try await withTaskExecutorPreference(connection.taskExecutor) { try await fetch(connection, count) }
    case "fetch_1m_for_await":
        let results = try await connection.query("\(columns) where id <= \(count)")
        for try await item in results.decode(Item.self) { sum &+= item.check }
    case "fetch_1m_values":
        for try await row in try await connection.query("\(columns) where id <= \(count)") {
            sum &+= try check(row.values)
        }
    case "orm_load_200k":
        sum = try await load(connection, count, isModel: isModel)
    case "orm_find":
        // As "point_select".
        sum = try await withTaskExecutorPreference(connection.taskExecutor) {
            var sum: UInt64 = 0
            for i in 0..<count {
                sum &+=
                    isModel
                    ? try await connection.find(Item.self, benchmark_id(Int64(i)))?.check ?? 0
                    : try await point(connection, i)
            }
            return sum
        }
    case "point_select":
        // As an application holds a connection: its code between the statements runs on the connection's thread too.
        sum = try await withTaskExecutorPreference(connection.taskExecutor) {
            var sum: UInt64 = 0
            for i in 0..<count { sum &+= try await point(connection, i) }
            return sum
        }
    case "point_select_hop":
        for i in 0..<count { sum &+= try await point(connection, i) }
    case "point_select_on_loop":
        let total = count
        sum = try await connection.run { connection in
            var sum: UInt64 = 0
            for i in 0..<total {
                let results = try await connection.query(
                    "select id, name, price, quantity, at, note from item where id = \(benchmark_id(Int64(i)))"
                )
                sum &+= try await results.decode(Item.self).fetchOne()?.check ?? 0
            }
            return sum
        }
    case "insert_1m":
        try await connection.executeMany("insert into item values (?, ?, ?, ?, ?, ?)", prepared)
    default:
        exit(3)
    }
    benchmark_report("sqlite", "roost", work, Int64(count), sum)
}

// An error that leaves main.swift would print a backtrace.
do {
    try await measure()
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
