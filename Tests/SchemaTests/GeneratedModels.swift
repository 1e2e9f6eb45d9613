// Made by `roost schema codegen`. What is changed here is lost when it runs again.

public import Foundation
public import Roost

/// Who buys.
public struct Customer: Sendable, Hashable, RowDecodable {
    public static let columnNames: [String]? = ["id", "name", "born", "balance", "default", "tags", "data", "first At"]

    public var id: Int
    /// as on the invoice
    public var name: String
    public var born: LocalDate?
    public var balance: BigDecimal
    public var `default`: Bool
    public var tags: [String]
    public var data: JSON?
    public var firstAt: Instant?

    public init(
        id: Int,
        name: String,
        born: LocalDate?,
        balance: BigDecimal,
        `default`: Bool,
        tags: [String],
        data: JSON?,
        firstAt: Instant?
    ) {
        self.id = id
        self.name = name
        self.born = born
        self.balance = balance
        self.`default` = `default`
        self.tags = tags
        self.data = data
        self.firstAt = firstAt
    }

    public init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        name = try row.next()
        born = try row.next()
        balance = try row.next()
        `default` = try row.next()
        tags = try row.next()
        data = try row.next()
        firstAt = try row.next()
    }
}

/// A row of `order_line`.
public struct OrderLine: Sendable, Hashable, RowDecodable {
    public static let columnNames: [String]? = ["customer", "2nd", "unit_price", "raw", "key", "during"]

    public var customer: Int
    public var _2nd: Double
    public var unitPrice: Float?
    public var raw: Data?
    public var key: UUID
    public var during: Value

    public init(
        customer: Int,
        _2nd: Double,
        unitPrice: Float?,
        raw: Data?,
        key: UUID,
        during: Value
    ) {
        self.customer = customer
        self._2nd = _2nd
        self.unitPrice = unitPrice
        self.raw = raw
        self.key = key
        self.during = during
    }

    public init(from row: inout RowReader) throws(DatabaseError) {
        customer = try row.next()
        _2nd = try row.next()
        unitPrice = try row.next()
        raw = try row.next()
        key = try row.next()
        during = try row.next()
    }
}
