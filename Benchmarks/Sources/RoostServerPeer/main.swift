import CBenchmark
import Foundation
import Roost
import RoostMySQL
import RoostPostgreSQL
import RoostSchema

/// What is asked for: a layer where there are several, the work, where, and how often.
struct Invocation {
    let layer: ORMLayer
    let work: String
    let url: String
    /// A number, or the path of a file of statements.
    let what: String

    init(_ arguments: [String]) {
        var arguments = arguments.dropFirst()
        layer = arguments.first.flatMap(ORMLayer.init(rawValue:)) ?? .driver
        if layer != .driver { arguments.removeFirst() }
        arguments += Array(repeating: "", count: 3)
        (work, url, what) = (arguments.removeFirst(), arguments.removeFirst(), arguments.removeFirst())
    }
}

/// Runs the statements of a file, each ended by a line that ends with a semicolon, and prints the last one's first value.
func runFile(_ path: String, _ connection: some Connection) async throws {
    var last: Row?
    for statement in try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: ";\n") {
        guard !statement.allSatisfy(\.isWhitespace) else { continue }
        last = try await connection.query(Statement(unsafe: statement)).fetchAll(limit: 1).first
    }
    print(try last?.decode(0, as: String?.self) ?? "")
}

/// Does a work over a connection of its own. `more` does what only this engine has: rows and their checksum, or nil.
func measure<C: Connection>(
    _ connect: @escaping @Sendable () async throws(DatabaseError) -> C,
    _ more: (String, TableWorks<C>) async throws -> (Int, UInt64)?
) async throws {
    let invocation = Invocation(CommandLine.arguments)
    let work = invocation.work
    let connection = try await connect()
    if work == "sql" { return try await runFile(invocation.what, connection) }
    var count = Int(invocation.what) ?? 0
    let works = TableWorks(connection: connection, count: count, connect: connect)
    // What every peer has before the clock runs: an open connection and a prepared statement.
    if !work.hasPrefix("pgbench") { _ = try await point(connection, 1) }
    let sum: UInt64
    if let done = try await works.run(work) {
        sum = done
    } else if let done = try await ORMWorks(connection: connection, count: count, layer: invocation.layer).run(work) {
        sum = done
    } else if let done = try await more(work, works) {
        (count, sum) = done
    } else {
        exit(3)
    }
    benchmark_report(connection.driverName, "roost", work, Int64(count), sum)
    await connection.close()
}

func measurePostgreSQL(_ settings: ConnectionConfiguration) async throws {
    let configuration = try PostgreSQLConfiguration(settings)
    try await measure { () async throws(DatabaseError) in
        try await PostgreSQLConnection.connect(configuration)
    } _: { work, works in
        if work == "schema_read_1000" {
            return (works.count, try await readSchemas(over: works.connection, tables: works.count))
        }
        if work == "schema_compare_1000" {
            var counted = settings
            let counter = StatementCounter()
            counted.observer = counter
            let other = try await PostgreSQLConnection.connect(try PostgreSQLConfiguration(counted))
            _ = try await Schema.read(from: other)
            await other.close()
            benchmark_statements(counter.count)
            return (works.count, try await compareSchemas(over: works.connection, tables: works.count))
        }
        if work == "copy_in_1m" { return (works.count, try await works.copyIn()) }
        guard work.hasPrefix("pgbench_"), let number = Int(work.dropFirst(8)) else { return nil }
        return try await SevenQueries(configuration: configuration, count: works.count).run(number)
    }
}

func measureMySQL(_ settings: ConnectionConfiguration) async throws {
    let configuration = try MySQLConfiguration(settings)
    try await measure { () async throws(DatabaseError) in
        try await MySQLConnection.connect(configuration)
    } _: { work, works in
        work == "load_1m" ? (works.count, try await works.load()) : nil
    }
}

// An error that leaves main.swift would print a backtrace.
do {
    let settings = try ConnectionConfiguration(Invocation(CommandLine.arguments).url)
    if settings.url.scheme.hasPrefix("postgres") {
        try await measurePostgreSQL(settings)
    } else {
        try await measureMySQL(settings)
    }
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
