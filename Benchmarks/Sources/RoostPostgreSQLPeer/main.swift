import CBenchmark
import Foundation
import Roost
import RoostPostgreSQL

/// Runs the statements of a file, each ended by a line that ends with a semicolon, and prints the last one's first value.
func runFile(_ path: String, _ connection: PostgreSQLConnection) async throws {
    var last: Row?
    for statement in try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: ";\n") {
        guard !statement.allSatisfy(\.isWhitespace) else { continue }
        last = try await connection.query(Statement(unsafe: statement)).fetchAll(limit: 1).first
    }
    print(try last?.decode(0, as: String?.self) ?? "")
}

func measure() async throws {
    let work = CommandLine.arguments[1]
    let configuration = try PostgreSQLConfiguration(ConnectionConfiguration(CommandLine.arguments[2]))
    let connection = try await PostgreSQLConnection.connect(configuration)
    if work == "sql" { return try await runFile(CommandLine.arguments[3], connection) }
    var count = Int(CommandLine.arguments[3]) ?? 0
    let works = TableWorks(configuration: configuration, connection: connection, count: count)
    // What every peer has before the clock runs: an open connection and a prepared statement.
    if !work.hasPrefix("pgbench") { _ = try await point(connection, 1) }
    let sum: UInt64
    switch work {
    case "point_select": sum = try await works.pointSelect()
    case "point_select_on_loop": sum = try await works.pointSelectOnLoop()
    case "point_select_in_scope": sum = try await works.pointSelectInScope()
    case "pipelined_64": sum = try await works.pipelined()
    case "pool16_tasks64": sum = try await works.pool()
    case "fetch_1m": sum = try await works.fetch()
    case "fetch_1m_on_loop": sum = try await works.fetchOnLoop()
    case "fetch_1m_values": sum = try await works.fetchValues()
    case "stream_5m": sum = try await works.stream()
    case "insert_1m": sum = try await works.insert()
    case "copy_in_1m": sum = try await works.copyIn()
    default:
        guard work.hasPrefix("pgbench_"), let number = Int(work.dropFirst(8)) else { exit(3) }
        (count, sum) = try await SevenQueries(configuration: configuration, count: count).run(number)
    }
    benchmark_report("postgresql", "roost", work, Int64(count), sum)
    await connection.close()
}

// An error that leaves main.swift would print a backtrace.
do {
    try await measure()
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
