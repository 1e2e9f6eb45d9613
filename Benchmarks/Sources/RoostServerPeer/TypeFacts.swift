import Roost

/// A row of `pg_type`: the first of the seven queries.
struct TypeFacts: RowDecodable {
    var oid: Int
    var name: String
    var namespace: Int
    var length: Int
    var isByValue: Bool
    var type: String
    var category: String
    var isPreferred: Bool
    var delimiter: String
    var element: Int
    var array: Int
    var isNotNull: Bool

    init(from row: inout RowReader) throws(DatabaseError) {
        oid = try row.next()
        name = try row.next()
        namespace = try row.next()
        length = try row.next()
        isByValue = try row.next()
        type = try row.next()
        category = try row.next()
        isPreferred = try row.next()
        delimiter = try row.next()
        element = try row.next()
        array = try row.next()
        isNotNull = try row.next()
    }

    var check: UInt64 {
        var sum = UInt64(oid + namespace + element + array) &+ UInt64(bitPattern: Int64(length)) &+ textCheck(name)
        sum &+= textCheck(type) &+ textCheck(category) &+ textCheck(delimiter)
        sum &+= (isByValue ? 1 : 0) + (isPreferred ? 1 : 0) + (isNotNull ? 1 : 0)
        return sum
    }
}

/// A row that the fifth and the sixth of the seven queries write.
struct NewRow: Sendable {
    static let columns = ["a", "b", "c", "d", "e", "f", "g"]

    var a, b, c: Int
    var d: String
    var e: Double
    var f: Int
    var g: String

    init(number i: Int) {
        a = i
        b = i + 1
        c = i % 7
        d = "ROW \(10_000_000 + i)"
        e = Double(i) + 0.25
        f = 12_000_000 + i
        g = "\(120_000_000_000 + i)"
    }

    var tuple: (Int, Int, Int, String, Double, Int, String) { (a, b, c, d, e, f, g) }

    func encode(into row: inout RowBatchBuilder) {
        a.encode(into: &row)
        b.encode(into: &row)
        c.encode(into: &row)
        d.encode(into: &row)
        e.encode(into: &row)
        f.encode(into: &row)
        g.encode(into: &row)
    }
}
