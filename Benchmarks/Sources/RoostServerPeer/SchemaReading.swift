import CBenchmark
import Roost
import RoostSchema

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
