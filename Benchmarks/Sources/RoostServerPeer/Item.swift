import CBenchmark
import Roost

/// One row of the table.
struct Item: RowDecodable, Sendable {
    static let table = "bench_new"
    static let columns = ["id", "name", "price", "quantity", "at", "note"]

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

    /// Row `number`, as setup.sql makes it.
    init(number i: Int) {
        id = Int64(i)
        name = "item \(i % 99_991)" + (i % 5 == 0 ? " über 12345678" : "")
        price = Double(i * 7_919 % 1_000_000) / 100
        quantity = i * 31 % 1_000
        at = Instant(
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

    var tuple: (Int64, String, Double, Int, Instant, String?) { (id, name, price, quantity, at, note) }

    func encode(into row: inout RowBatchBuilder) {
        id.encode(into: &row)
        name.encode(into: &row)
        price.encode(into: &row)
        quantity.encode(into: &row)
        at.encode(into: &row)
        note.encode(into: &row)
    }

    /// The same sum in every peer, over every column.
    var check: UInt64 {
        var sum = UInt64(id) &+ textCheck(name) &+ benchmark_price_check(price) &+ UInt64(quantity)
        sum &+= UInt64(bitPattern: at.microsecondsSinceEpoch)
        if let note { sum &+= textCheck(note) }
        return sum
    }
}

func textCheck(_ text: String) -> UInt64 {
    UInt64(text.utf8.count) &+ UInt64(text.utf8.first ?? 0) &+ UInt64(text.utf8.last ?? 0)
}

/// The check of ``Item`` for a row of values.
func check(_ row: [Value]) -> UInt64 {
    var sum: UInt64 = 0
    for value in row {
        switch value {
        case .int(let number): sum &+= UInt64(bitPattern: number)
        case .double(let number): sum &+= benchmark_price_check(number)
        case .text(let text): sum &+= textCheck(text)
        case .timestampTZ(let at): sum &+= UInt64(bitPattern: at.microsecondsSinceEpoch)
        default: break
        }
    }
    return sum
}
