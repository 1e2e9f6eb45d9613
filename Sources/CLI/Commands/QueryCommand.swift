public import ArgumentParser
import Foundation
import Roost
public import RoostFormats

extension OutputFormat: ExpressibleByArgument {}

/// `roost query`
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Run SQL and print its result.",
        discussion: """
            Examples:
              roost query sqlite:shop.sqlite "select * from customer limit 5"
              roost query shop -f report.sql -o csv > report.csv
              roost query shop -p id=42 "select * from orders where customer_id = :id"
              echo "select 1" | roost query shop -o json

            Values given with -p are bound, never pasted into the text. A file or standard input may hold several
            statements; they run in order, in one transaction when --single-transaction is given.
            """
    )

    @OptionGroup var common: CommonOptions
    @Argument(help: "A connection's name or a URL.") var target: String?
    @Argument(help: "The SQL.") var sql: String?
    @Option(name: .shortAndLong, help: "The SQL.") var command: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("A file of SQL; - for standard input.", valueName: "file"))
    var file: String?
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A value for :name in the SQL; repeat for more.", valueName: "name=value")
    )
    var param: [String] = []
    @Option(name: .shortAndLong, help: "table, vertical, csv, tsv, json, ndjson, markdown, html.") var output:
        OutputFormat?
    @Option(name: .long, help: "Print at most this many rows of each result.") var maxRows: Int?
    @Option(name: .long, help: "End a statement after this long: 500ms, 30s, 5m.") var timeout: String?
    @Option(name: .long, help: "What stands for NULL.") var null: String?
    @Flag(name: .long, help: "Print the plan instead of running the statement.") var explain = false
    @Flag(name: .long, help: "Leave the names of the columns out.") var noHeader = false
    @Flag(name: [.customShort("1"), .long], help: "All statements or none.") var singleTransaction = false
    @Flag(name: .long, help: "Refuse to write.") var readOnly = false

    func validate() throws {
        if let maxRows, maxRows < 0 { throw ValidationError("--max-rows must not be negative.") }
        if let timeout, ConnectionConfiguration.duration(from: timeout) == nil {
            throw ValidationError("--timeout must be a duration such as 500ms or 30s.")
        }
        let sources = [sql, command, file].compactMap { $0 }.count
        if sources > 1 { throw ValidationError("Give the SQL once: as an argument, with -c, or with -f.") }
        for parameter in param where !parameter.dropFirst().contains("=") {
            throw ValidationError("-p takes name=value.")
        }
    }

    /// `roost query "select 1"` with DATABASE_URL set: what looks like SQL is not a target.
    private var arguments: (target: String?, text: String?) {
        if let target, sql == nil, command == nil, file == nil, target.contains(" ") { return (nil, target) }
        return (target, sql ?? command)
    }

    func run() async throws {
        let (target, given) = arguments
        let text = try given ?? readText()
        let values = parameters()
        let options = ExecutionOptions(timeout: timeout.flatMap(ConnectionConfiguration.duration))
        let printer = ResultPrinter(
            format: output ?? .table,
            options: OutputOptions(width: Terminal.width, hasHeader: !noHeader, null: null),
            maximumRows: maxRows
        )
        try await common.withConnection(target, { if readOnly { $0.isReadOnly = true } }) { connection in
            let parts = StatementSplitter.split(text, dialect: connection.dialect)
            guard !parts.isEmpty else { throw CommandFailure(status: .usage, message: "There is no SQL to run.") }
            if singleTransaction { try await connection.begin() }
            do {
                for part in parts {
                    let statement = try statement(part.text, values, connection.dialect)
                    try await run(statement, on: connection, options, printer)
                }
                if singleTransaction { try await connection.commit() }
            } catch {
                if singleTransaction { try? await connection.rollback() }
                throw error
            }
        }
    }

    private func run(
        _ statement: Statement,
        on connection: any Connection,
        _ options: ExecutionOptions,
        _ printer: ResultPrinter
    ) async throws {
        var statement = statement
        if explain {
            var plan = Statement(stringLiteral: connection.driverName == "sqlite" ? "explain query plan " : "explain ")
            plan.append(statement)
            statement = plan
        }
        let results = try await connection.query(statement, options: options)
        if results.columns.isEmpty {
            let summary = try await results.drain()
            if let affected = summary.rowsAffected {
                Terminal.note("\(affected) row\(affected == 1 ? "" : "s") affected")
            }
        } else {
            var printer = printer
            if !Terminal.outputIsTerminal { printer.progress = WorkProgress("rows") }
            let count = try await printer.print(results)
            if printer.format == .table { Terminal.note("(\(count) row\(count == 1 ? "" : "s"))") }
        }
    }

    private func readText() throws -> String {
        guard let file, file != "-" else {
            if file == nil, Terminal.inputIsTerminal {
                throw CommandFailure(
                    status: .usage,
                    message: "There is no SQL to run: give it as an argument, with -c, -f or on standard input."
                )
            }
            return Terminal.readInput()
        }
        guard let data = FileManager.default.contents(atPath: file), let text = String(data: data, encoding: .utf8)
        else {
            throw CommandFailure(status: .usage, message: "The file \(file) cannot be read as UTF-8 text.")
        }
        return text
    }

    /// Whole numbers are bound as integers, `true` and `false` as booleans, an empty value as text, everything else as text.
    /// `name:=value` forces text.
    private func parameters() -> [String: Value] {
        var values: [String: Value] = [:]
        for parameter in param {
            guard let equals = parameter.firstIndex(of: "=") else { continue }
            var name = String(parameter[..<equals])
            let text = String(parameter[parameter.index(after: equals)...])
            if name.hasSuffix(":") {
                name.removeLast()
                values[name] = .text(text)
            } else if let number = Int64(text) {
                values[name] = .int(number)
            } else if let number = Double(text), text.contains("."), number.isFinite {
                values[name] = .double(number)
            } else {
                values[name] = .text(text)
            }
        }
        return values
    }

    private func statement(_ text: String, _ values: [String: Value], _ dialect: Dialect) throws -> Statement {
        guard !values.isEmpty else { return Statement(unsafe: text) }
        let template = try Statement(template: text, style: .named, dialect: dialect)
        // A script's statements need not use every value each.
        let names = Set(template.parameterNames ?? [])
        return try Statement(text, named: values.filter { names.contains($0.key) }, style: .named, dialect: dialect)
    }
}
