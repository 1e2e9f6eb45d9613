import Foundation
import Roost
import RoostMySQL
import RoostPostgreSQL
import RoostQuery
import RoostSQLite
import Testing

/// The engines the suite runs on: SQLite always, the others where `scripts/servers` started them.
enum QueryEngine: String, CaseIterable, Sendable, CustomStringConvertible {
    case sqlite = ""
    case postgresql = "ROOST_TEST_POSTGRESQL_15_URL"
    case mariadb = "ROOST_TEST_MARIADB_URL"
    case mysql = "ROOST_TEST_MYSQL_URL"

    var description: String { "\(dialectName)" }
    var dialectName: String {
        switch self {
        case .sqlite: "sqlite"
        case .postgresql: "postgresql"
        case .mariadb: "mariadb"
        case .mysql: "mysql"
        }
    }

    static var running: [QueryEngine] {
        allCases.filter { $0 == .sqlite || ProcessInfo.processInfo.environment[$0.rawValue] != nil }
    }

    func connect() async throws -> any Connection {
        let url = self == .sqlite ? "sqlite::memory:" : ProcessInfo.processInfo.environment[rawValue] ?? ""
        var configuration = try ConnectionConfiguration(url)
        configuration.connectTimeout = .seconds(300)
        return try await DriverRegistry([
            SQLiteDriver(), PostgreSQLDriver(), MySQLDriver(.mysql), MySQLDriver(.mariadb),
        ]).connect(configuration)
    }

    /// A connection in a schema or database of its own, which goes away afterwards.
    func withPlace(_ body: (any Connection) async throws -> Void) async throws {
        let name = "query_\(UInt32.random(in: 0 ... .max))"
        let connection = try await connect()
        do {
            switch self {
            case .sqlite: break
            case .postgresql:
                try await connection.execute("create schema \(identifier: name)")
                try await connection.execute("set search_path to \(identifier: name)")
            case .mariadb, .mysql:
                try await connection.execute("create database \(identifier: name) character set utf8mb4")
                try await connection.execute("use \(identifier: name)")
            }
            try await body(connection)
        } catch {
            try? await remove(name, from: connection)
            throw error
        }
        try await remove(name, from: connection)
    }

    private func remove(_ name: String, from connection: any Connection) async throws {
        switch self {
        case .sqlite: break
        case .postgresql: try await connection.execute("drop schema \(identifier: name) cascade")
        case .mariadb, .mysql: try await connection.execute("drop database \(identifier: name)")
        }
        await connection.close()
    }

    /// A connection that has the suite's tables.
    func withFixture(_ body: (any Connection) async throws -> Void) async throws {
        try await withPlace { connection in
            try await fill(connection)
            try await body(connection)
        }
    }

    private func fill(_ connection: any Connection) async throws {
        let isMySQL = self == .mysql || self == .mariadb
        let timestamp = isMySQL ? "datetime(6)" : "timestamp"
        let json = self == .postgresql ? "jsonb" : "json"
        let end = isMySQL ? " character set utf8mb4 collate utf8mb4_bin" : ""
        let key =
            isMySQL
            ? "integer primary key auto_increment" : self == .sqlite ? "integer primary key" : "serial primary key"
        // MySQL cannot name a temporary table twice in one statement, so these are real ones.
        try await connection.execute(
            "create table customer (id integer primary key, name varchar(40) not null, city varchar(40), credit integer not null default 7, referrer integer)\(unsafe: end)"
        )
        try await connection.execute(
            "create table orders (id integer primary key, customer_id integer not null, total integer not null, placed \(unsafe: timestamp) not null, day date not null, price decimal(10, 2) not null, weight double precision not null, paid boolean not null, note \(unsafe: json))\(unsafe: end)"
        )
        try await connection.execute(
            "create table tally (id \(unsafe: key), word varchar(40) not null unique, hits integer not null default 1)\(unsafe: end)"
        )
        let c = Customers.table
        try await connection.execute(
            c.insert(\.id, \.name, \.city, \.credit, \.referrer)
                .values(1, "Ana", "Lisboa", 10, nil).values(2, "Bo", "Köln", 20, 1).values(3, "Cy", "Köln", 30, 1)
                .values(4, "Di", nil, 40, 2).values(5, "ed", "Paris", 0, 4)
        )
        let o = Orders.table
        func moment(_ text: String) throws -> LocalDateTime { try #require(LocalDateTime(text)) }
        func date(_ text: String) throws -> LocalDate { try #require(LocalDate(text)) }
        func decimal(_ text: String) throws -> BigDecimal { try #require(BigDecimal(text)) }
        let insert = o.insert(
            \.id,
            \.customerID,
            \.total,
            \.placed,
            \.day,
            \.price,
            \.weight,
            \.paid,
            \.note
        )
        try await connection.execute(
            insert
                .values(
                    1,
                    1,
                    100,
                    moment("2024-01-15 10:30:00"),
                    date("2024-01-15"),
                    decimal("10.50"),
                    1.5,
                    true,
                    JSON(#"{"a": 1, "b": {"c": "x", "d.e": "y"}, "l": [1, 2, 3], "t": true}"#)
                )
                .values(2, 1, 50, moment("2024-02-29 23:59:59"), date("2024-02-29"), decimal("20.25"), 2.5, false, nil)
                .values(
                    3,
                    2,
                    70,
                    moment("2024-03-10 00:00:00"),
                    date("2024-03-10"),
                    decimal("5.00"),
                    0.5,
                    true,
                    JSON(#"{"a": 2, "n": null}"#)
                )
                .values(4, 3, 70, moment("2023-12-31 12:00:00"), date("2023-12-31"), decimal("7.75"), 3.0, true, nil)
                .values(
                    5,
                    3,
                    30,
                    moment("2024-01-01 08:00:00"),
                    date("2024-01-01"),
                    decimal("1.25"),
                    0.25,
                    false,
                    JSON(#"{"a": 3}"#)
                )
        )
        try await connection.execute(Tally.table.insert(\.word, \.hits).values("one", 1).values("two", 2))
    }
}

struct Tally: Table {
    static let tableName = "tally"
    let id = Column<Int>("id")
    let word = Column<String>("word")
    let hits = Column<Int>("hits")
}

/// One behaviour, with the rows it gives on every engine that has it.
struct QueryCase: Sendable, CustomStringConvertible {
    let name: String
    /// Engines that must say `notSupported`.
    var without: Set<QueryEngine> = []
    let expected: [String]
    let statement: @Sendable () -> any RenderableQuery
    let run: @Sendable (any Connection) async throws -> [String]

    var description: String { name }

    /// A query and its rows, with a bar between columns.
    static func rows<Q: RowQuery>(
        _ name: String,
        without: Set<QueryEngine> = [],
        _ query: @autoclosure @escaping @Sendable () -> Q,
        _ expected: String...
    ) -> QueryCase {
        QueryCase(name: name, without: without, expected: expected, statement: { query() }) { connection in
            try await connection.fetchAll(query(), limit: 1_000).map(describe)
        }
    }

    /// An expression without a table.
    static func value<T>(
        _ name: String,
        without: Set<QueryEngine> = [],
        _ expression: @autoclosure @escaping @Sendable () -> SQLExpression<T>,
        _ expected: String
    ) -> QueryCase {
        rows(name, without: without, select(expression()), expected)
    }

    /// A condition over the customers: the numbers of those that fulfil it.
    static func customers(
        _ name: String,
        without: Set<QueryEngine> = [],
        _ condition: @autoclosure @escaping @Sendable () -> SQLCondition,
        _ expected: String
    ) -> QueryCase {
        QueryCase(
            name: name,
            without: without,
            expected: [expected],
            statement: { Customers.table.select(Customers.table.id).where(condition()).orderBy(Customers.table.id) }
        ) { connection in
            let c = Customers.table
            let ids = try await connection.fetchAll(c.select(c.id).where(condition()).orderBy(c.id), limit: 100)
            return [ids.map(String.init).joined(separator: " ")]
        }
    }

    /// A condition over the orders.
    static func orders(
        _ name: String,
        without: Set<QueryEngine> = [],
        _ condition: @autoclosure @escaping @Sendable () -> SQLCondition,
        _ expected: String
    ) -> QueryCase {
        QueryCase(
            name: name,
            without: without,
            expected: [expected],
            statement: { Orders.table.select(Orders.table.id).where(condition()).orderBy(Orders.table.id) }
        ) { connection in
            let o = Orders.table
            let ids = try await connection.fetchAll(o.select(o.id).where(condition()).orderBy(o.id), limit: 100)
            return [ids.map(String.init).joined(separator: " ")]
        }
    }

    /// An expression of each order, in the order of their numbers.
    static func each<T>(
        _ name: String,
        without: Set<QueryEngine> = [],
        _ expression: @autoclosure @escaping @Sendable () -> SQLExpression<T>,
        _ expected: String
    ) -> QueryCase {
        QueryCase(
            name: name,
            without: without,
            expected: [expected],
            statement: { Orders.table.select(expression()).orderBy(Orders.table.id) }
        ) { connection in
            let o = Orders.table
            let values = try await connection.fetchAll(o.select(expression()).orderBy(o.id), limit: 100)
            return [values.map(describe).joined(separator: " ")]
        }
    }

    /// A change, and what a query finds afterwards.
    static func change<C: RenderableQuery, Q: RowQuery>(
        _ name: String,
        without: Set<QueryEngine> = [],
        _ change: @autoclosure @escaping @Sendable () -> C,
        then query: @autoclosure @escaping @Sendable () -> Q,
        _ expected: String...
    ) -> QueryCase {
        QueryCase(name: name, without: without, expected: expected, statement: { change() }) { connection in
            try await connection.execute(change())
            return try await connection.fetchAll(query(), limit: 1_000).map(describe)
        }
    }
}

/// A row as text: columns with bars between them, decimals without the zeros engines disagree on.
func describe(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
        return mirror.children.first.map { describe($0.value) } ?? "nil"
    }
    if mirror.displayStyle == .tuple { return mirror.children.map { describe($0.value) }.joined(separator: "|") }
    switch value {
    case let decimal as BigDecimal:
        var text = decimal.description
        if text.contains(".") {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        return text
    case let number as Double: return "\((number * 1e9).rounded() / 1e9)"
    case let json as JSON: return json.text.filter { $0 != " " }
    default: return "\(value)"
    }
}

/// Cases one after the other; each is type-checked by itself, which one long array literal would not be.
func cases(@CaseBuilder _ body: () -> [QueryCase]) -> [QueryCase] { body() }

@resultBuilder enum CaseBuilder {
    static func buildBlock(_ cases: QueryCase...) -> [QueryCase] { cases }
}
