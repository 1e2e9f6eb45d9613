import ArgumentParser
import Foundation
import Roost
import RoostFormats
import RoostMigrations
import RoostPipelines

/// `roost diff`
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare tables of two databases, row by row.",
        discussion: """
            Examples:
              roost diff legacy warehouse
              roost diff legacy warehouse --table orders --output json
              roost diff sqlite:a.sqlite sqlite:b.sqlite --table customer --to-table client --key id

            Without --table all tables of the first database are compared, but for those that Roost keeps for itself.

            missing: the first database has the row, the second has not. extra: the other way round. changed: both have it
            under the same key, with other values. The exit code is 3 when anything differs.
            """
    )

    @OptionGroup var common: CommonOptions
    @Argument(help: "A connection's name or a URL.") var first: String
    @Argument(help: "A connection's name or a URL.") var second: String
    @Option(name: .shortAndLong, help: "A table, or a pattern with * and ?; repeat for more. All by default.")
    var table: [String] = []
    @Option(name: .long, help: "The second table's name, where it is another.") var toTable: String?
    @Option(name: .long, help: "The columns by which rows belong together; the primary key by default.") var key:
        String?
    @Option(name: .long, help: "Only these columns, separated by commas.") var columns: String?
    @Option(name: .long, help: "Only rows for which this SQL is true.") var `where`: String?
    @Option(name: .long, help: "List at most this many rows of each table; all are counted.") var limit = 1_000
    @Option(name: .shortAndLong, help: "table, csv, tsv, json, ndjson, markdown, html.") var output: OutputFormat =
        .table

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit must not be negative.") }
        if toTable != nil, table.count != 1 { throw ValidationError("--to-table goes with one --table.") }
    }

    func run() async throws {
        var isEqual = true
        try await common.withConnection(first, { $0.isReadOnly = true }) { one in
            try await common.withConnection(second, { $0.isReadOnly = true }) { other in
                var writer = ResultWriter(
                    output,
                    columns: ColumnList(
                        ["table", "difference", "key", "columns"].map { ColumnDescription(name: $0, kind: .text) }
                    ),
                    options: OutputOptions(width: Terminal.width)
                )
                for name in try await TableNames.matching(table, on: one, besides: Self.migrationTables) {
                    let report = try await compare(name, one, other)
                    isEqual = isEqual && report.isEqual
                    Terminal.note("\(name): \(report.summary)")
                    for difference in report.differences {
                        let key = zip(report.keyColumns, difference.key).map { "\($0)=\($1)" }.joined(separator: ", ")
                        writer.write([
                            .text(name), .text(difference.kind.rawValue), .text(key),
                            .text(difference.columns.joined(separator: ", ")),
                        ])
                    }
                }
                writer.end()
                if !isEqual || output != .table { Terminal.write(writer.takeBytes()) }
            }
        }
        if !isEqual { throw CommandFailure(status: .findings, message: "the tables differ") }
    }

    /// Which migrations went through is a database's own.
    private static let migrationTables: Set<String> = {
        let table = MigrationConfiguration().historyTable
        return ["\(table)", "\(table)_lock", "\(table)_online"]
    }()

    private func compare(
        _ name: String,
        _ one: any Connection,
        _ other: any Connection
    ) async throws -> ComparisonReport {
        func list(_ text: String?) -> [String]? {
            text.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
        }
        let left = try await StatementSource.table(name, on: one, columns: list(columns), where: `where`)
        let right = try await StatementSource.table(
            toTable ?? name,
            on: other,
            columns: left.columns,
            where: `where`
        )
        return try await RowComparison(left.source, right.source, key: list(key) ?? left.key, listed: limit).run()
    }
}
