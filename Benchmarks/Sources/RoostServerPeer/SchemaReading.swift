import CBenchmark
import Roost
import RoostSchema
import Synchronization

/// Reads the structure of a database with a thousand tables, as often as makes that many tables.
func readSchemas(over connection: some Connection, tables count: Int) async throws -> UInt64 {
    benchmark_start()
    var sum: UInt64 = 0
    for _ in 0..<(count / 1_000) {
        let schema = try await Schema.read(from: connection)
        for table in schema.tables where table.name.name.hasPrefix("bench_wide_") { sum &+= UInt64(check(table)) }
    }
    return sum
}

/// Reads that structure and compares it with one of which every hundredth table has a column more, as often; adds up the differences.
func compareSchemas(over connection: some Connection, tables count: Int) async throws -> UInt64 {
    var desired = try await Schema.read(from: connection)
    for index in desired.tables.indices {
        let name = desired.tables[index].name.name
        guard name.hasPrefix("bench_wide_"), name.hasSuffix("00") else { continue }
        let type = Schema.ColumnType("integer", engine: desired.engine)
        desired.tables[index].columns.append(Schema.Column(name: "extra", type: type))
    }
    benchmark_start()
    var sum: UInt64 = 0
    for _ in 0..<(count / 1_000) {
        sum += UInt64(try await Schema.read(from: connection).changes(to: desired).count)
    }
    return sum
}

/// What a table adds to the checksum.
private func check(_ table: Schema.Table) -> Int {
    var sum = table.name.name.utf8.count + (table.primaryKey?.columns.count ?? 0)
    for column in table.columns {
        sum += column.name.utf8.count + (column.isNullable ? 1 : 0) + (column.defaultValue == nil ? 0 : 1)
        sum += column.type.length ?? 0
    }
    for key in table.foreignKeys { sum += key.referencedTable.name.utf8.count + key.columns.count }
    for index in table.indexes { sum += index.name.utf8.count }
    return sum + table.uniqueKeys.count + table.checks.count
}

/// Counts the statements of a connection.
final class StatementCounter: DatabaseObserver {
    private let statements = Atomic<Int64>(0)
    var count: Int64 { statements.load(ordering: .relaxed) }

    func statementBegan(_ statement: ObservedStatement) -> (any Sendable)? {
        statements.add(1, ordering: .relaxed)
        return nil
    }

    func statementEnded(_ statement: ObservedStatement, _ outcome: StatementOutcome, token: (any Sendable)?) {}
}
