import CBenchmark
import Roost
import RoostORM
import RoostQuery

/// The table of a million rows, as a model.
extension Item: Model {
    struct Columns: Table {
        static let tableName = "bench_item"
        let id = Column<Int64>("id")
        let name = Column<String>("name")
        let price = Column<Double>("price")
        let quantity = Column<Int>("quantity")
        let at = Column<Instant>("at")
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

/// The same columns in the table that models are written to, whose keys the server makes.
struct NewItem: Model {
    struct Columns: Table {
        static let tableName = "bench_orm"
        let id = Column<Int64>("id")
        let name = Column<String>("name")
        let price = Column<Double>("price")
        let quantity = Column<Int>("quantity")
        let at = Column<Instant>("at")
        let note = Column<String?>("note")
    }
    typealias Key = Int64
    static let mapping = Mapping<NewItem>(key: .generated(\.id, \.id))

    var id: Int64?
    var name: String
    var price: Double
    var quantity: Int
    var at: Instant
    var note: String?

    /// Row `number` of setup.sql, without its key.
    init(number: Int) {
        let item = Item(number: number)
        (name, price, quantity, at, note) = (item.name, item.price, item.quantity, item.at, item.note)
    }

    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        name = try row.next()
        price = try row.next()
        quantity = try row.next()
        at = try row.next()
        note = try row.next()
    }

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(name)
        row.write(price)
        row.write(quantity)
        row.write(at)
        row.write(note)
    }
}

/// Who does a work of models: the driver alone, models on a connection, or a session.
enum ORMLayer: String {
    case driver
    case orm
    case session
}

/// The works of models.
struct ORMWorks<C: Connection> {
    let connection: C
    let count: Int
    let layer: ORMLayer

    func run(_ work: String) async throws -> UInt64? {
        switch work {
        case "orm_load_200k": try await load()
        case "orm_point_select": try await pointSelect()
        case "orm_insert_100k": try await insert()
        case "orm_update_20k": try await update()
        default: nil
        }
    }

    func load() async throws -> UInt64 {
        let session = Session(on: connection)
        benchmark_start()
        let found =
            switch layer {
            case .driver: try await connection.query(items(to: count)).decode(Item.self).fetchAll(limit: .unbounded)
            case .orm: try await connection.fetchAll(Item.where { $0.id <= Int64(count) }, limit: .unbounded)
            case .session: try await session.fetchAll(Item.where { $0.id <= Int64(count) }, limit: .unbounded)
            }
        return found.reduce(0) { $0 &+ $1.check }
    }

    func pointSelect() async throws -> UInt64 {
        _ = try await connection.find(Item.self, 1)
        benchmark_start()
        var sum: UInt64 = 0
        for i in 0..<count {
            if layer == .driver {
                sum &+= try await point(connection, i)
            } else {
                sum &+= try await connection.find(Item.self, benchmark_id(Int64(i)))?.check ?? 0
            }
        }
        return sum
    }

    func insert() async throws -> UInt64 {
        let new = (1...count).map(NewItem.init(number:))
        let session = Session(on: connection)
        benchmark_start()
        switch layer {
        case .driver:
            try await connection.executeMany(
                "insert into bench_orm (name, price, quantity, at, note) values (?, ?, ?, ?, ?)",
                new.map { ($0.name, $0.price, $0.quantity, $0.at, $0.note) }
            )
        case .orm: try await connection.insert(contentsOf: new)
        case .session:
            try await session.add(contentsOf: new)
            try await session.flush()
        }
        return 0
    }

    func update() async throws -> UInt64 {
        let session = Session(on: connection)
        var items = try await session.fetchAll(NewItem.all.orderBy(NewItem.columns.id), limit: .unbounded)
        benchmark_start()
        for index in items.indices { items[index].quantity += 1 }
        switch layer {
        case .driver:
            try await connection.executeMany(
                "update bench_orm set quantity = ? where id = ?",
                items.map { ($0.quantity, $0.id) }
            )
        case .orm: try await connection.update(contentsOf: items)
        case .session:
            try await session.save(contentsOf: items)
            try await session.flush()
        }
        return 0
    }
}
