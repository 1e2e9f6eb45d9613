import ArgumentParser
import Foundation
import Roost
import RoostFormats
import RoostSQLite
import RoostSchema

/// `roost demo`
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Make a small shop in SQLite and show what Roost does with it.",
        discussion: "Needs no server. The database stays, so that you can go on with roost shell."
    )
    @Option(name: .long, help: "Where the database is kept; an existing one made by the demo is replaced.")
    var database = "roost-demo.sqlite"

    func run() async throws {
        try removeOldDemo()
        let connection = try await SQLiteDriver().connect(ConnectionConfiguration(url: Self.url(for: database)))
        do {
            try await show(connection)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    private static func url(for path: String) -> DatabaseURL {
        DatabaseURL(scheme: "sqlite", database: path, options: [.init(name: "mode", value: "rwc")])
    }

    /// Only a file this command made before may be replaced: its mark is the SQLite application id.
    private func removeOldDemo() throws {
        let files = FileManager.default
        guard files.fileExists(atPath: database) else { return }
        let header = files.contents(atPath: database)?.dropFirst(68).prefix(4)
        guard header.map({ Array($0) }) == Self.mark else {
            throw CommandFailure(
                status: .usage,
                message: "\(database) exists and was not made by this demo. Name another file with --database."
            )
        }
        for suffix in ["", "-wal", "-shm"] { try? files.removeItem(atPath: database + suffix) }
    }

    /// `ROST`, as the application id in the file's header.
    private static let mark: [UInt8] = [0x52, 0x4F, 0x53, 0x54]

    private func step(_ title: String) {
        Terminal.write("\n── \(title)\n")
    }

    private func show(_ connection: SQLiteConnection) async throws {
        Terminal.write("Roost \(RoostVersion.text) demo on SQLite \(connection.serverVersion)\n")
        step("A shop, made now")
        let start = ContinuousClock.now
        try await connection.execute("pragma application_id = 1380930388")
        var shop = DemoShop()
        let count = try await shop.build(on: connection)
        Terminal.write(
            "\(count) rows in 4 tables, written in \((ContinuousClock.now - start).formatted) to \(database)\n"
        )
        try await showTypedQuery(connection)
        try await showInjection(connection)
        try await showTransaction(connection)
        try await showCursor(connection)
        try await showSchema(connection)
        step("What to try next")
        Terminal.write(
            """
            roost shell sqlite:\(database)
            roost query sqlite:\(database) "select * from city_orders" -o markdown
            roost query sqlite:\(database) -p city=Köln "select name from customer where city = :city limit 3" -o json
            roost schema inspect sqlite:\(database)

            """
        )
    }

    private func showTypedQuery(_ connection: SQLiteConnection) async throws {
        step("A typed query: the best customers since 2023")
        let since = "2023-01-01"
        let results = try await connection.query(
            """
            select c.name, c.city, count(distinct o.id) as orders, sum(i.quantity) as pieces
            from customer c join orders o on o.customer_id = c.id join order_item i on i.order_id = o.id
            where o.ordered_at >= \(since) group by c.id order by pieces desc, c.id limit 5
            """
        )
        for try await (name, city, orders, pieces) in results.decode((String, String?, Int, Int).self) {
            Terminal.write(
                "\(DisplayWidth.visible(name)) in \(city ?? "an unknown city"): \(pieces) pieces in \(orders) orders\n"
            )
        }
    }

    private func showInjection(_ connection: SQLiteConnection) async throws {
        step("An injection attempt stays data")
        let hostile = "'; drop table customer; --"
        let found = try await connection.query("select count(*) from customer where name = \(hostile)")
            .decode(Int.self).fetchOnly()
        let left = try await connection.query("select count(*) from customer").decode(Int.self).fetchOnly()
        Terminal.write("Searched for \(hostile) → \(found) customers found, and all \(left) are still there\n")
    }

    private func showTransaction(_ connection: SQLiteConnection) async throws {
        step("A transaction survives an error")
        let before = try await connection.query("select count(*) from orders").decode(Int.self).fetchOnly()
        try await connection.withTransaction { connection in
            try await connection.execute(
                "insert into orders (customer_id, ordered_at) values (1, \(Date(timeIntervalSince1970: 1_706_704_496)))"
            )
            do {
                try await connection.withTransaction { connection in
                    _ = try await connection.execute(
                        "insert into orders (customer_id, ordered_at) values (-1, \(Date(timeIntervalSince1970: 0)))"
                    )
                }
            } catch let error as DatabaseError where error.condition == .foreignKeyViolation {
                Terminal.write(
                    "Inner step refused: \(error.message) (SQLSTATE \(error.sqlState ?? "-")); the outer one goes on\n"
                )
            }
        }
        let after = try await connection.query("select count(*) from orders").decode(Int.self).fetchOnly()
        Terminal.write("Orders before \(before), after \(after): the good row was committed, the bad one was not\n")
    }

    private func showCursor(_ connection: SQLiteConnection) async throws {
        step("A cursor over all order items in bounded memory")
        let start = ContinuousClock.now
        let results = try await connection.query(
            "select order_id, line, product_id, quantity, unit_price from order_item"
        )
        var rows = 0
        var pieces = 0
        var batches = 0
        while let batch = try await results.nextBatch() {
            batches += 1
            for row in 0..<batch.rowCount {
                if case .int(let quantity) = batch.value(row: row, column: 3) { pieces += Int(quantity) }
            }
            rows += batch.rowCount
        }
        Terminal.write(
            "\(rows) rows in \(batches) batches of about 64 KiB, \(pieces) pieces, \((ContinuousClock.now - start).formatted)\n"
        )
    }

    private func showSchema(_ connection: SQLiteConnection) async throws {
        step("The schema, read back")
        let schema = try await Schema.read(from: connection)
        for table in schema.tables {
            Terminal.write(
                "\(table.name): \(table.columns.count) columns, key (\((table.primaryKey?.columns ?? []).joined(separator: ", "))), \(table.foreignKeys.count) foreign keys, \(table.indexes.count) indexes, \(table.checks.count) checks\n"
            )
        }
        Terminal.write("\(schema.views.count) view, \(schema.triggers.count) trigger\n")
    }
}
