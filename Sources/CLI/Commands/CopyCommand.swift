public import ArgumentParser
import Foundation
import Roost
import RoostConfiguration
public import RoostFormats
public import RoostPipelines

extension CopyMode: ExpressibleByArgument {}
extension FileForm.Layout: ExpressibleByArgument {}
extension TextEncoding: ExpressibleByArgument {}

/// `roost copy`
struct CopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy tables, queries and files from any database or file to any other.",
        discussion: """
            Examples:
              roost copy sqlite:shop.sqlite postgresql://localhost/shop
              roost copy legacy warehouse --table 'order*' --table customer --verify
              roost copy legacy orders.csv.gz --table orders
              roost copy 'rates-*.csv' warehouse --into rates --mode append
              roost copy legacy - --query "select * from customer" --format ndjson | jq .name

            Rows go into staging tables and take their places when all of them are there: an error leaves the target as it
            was. A column no type of the target holds as it is ends the copy before it begins, and says what to choose.
            """
    )

    @OptionGroup var common: CommonOptions
    @Argument(help: "A connection's name, a URL, a file, a pattern of files, or - for standard input.") var source:
        String
    @Argument(help: "A connection's name, a URL, a file, or - for standard output.") var target: String
    @Option(name: .shortAndLong, help: "A table, or a pattern with * and ?; repeat for more. All by default.")
    var table: [String] = []
    @Option(name: .shortAndLong, help: "Copy the rows of this query.") var query: String?
    @Option(name: .long, help: "The target table's name, for one table, a query or files.") var into: String?
    @Option(name: .long, help: "Only these columns, separated by commas.") var columns: String?
    @Option(name: .long, help: "Only rows for which this SQL is true.") var `where`: String?
    @Option(name: .long, help: "At most this many rows of each table.") var limit: Int?
    @Option(
        name: .shortAndLong,
        help: "What becomes of rows that are there: replace, append, upsert, incremental, delete+insert, scd2."
    )
    var mode: CopyMode = .replace
    @Option(name: .long, help: "The columns by which rows are the same; the primary key by default.") var key: String?
    @Option(name: .long, help: "The column that only grows, with --mode incremental.") var cursor: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The target's type for a column, table.column or type of the source; repeat for more.",
            valueName: "column=type"
        )
    )
    var type: [String] = []
    @Option(name: .shortAndLong, help: "csv, tsv or ndjson, where the file's name does not say.")
    var format: FileForm.Layout?
    @Option(name: .long, help: "How text files are encoded: utf-8, latin-1, utf-16le, utf-16be.")
    var encoding: TextEncoding = .utf8
    @Option(name: .long, help: "What separates values of a CSV file.") var delimiter: String?
    @Flag(name: .long, help: "The file has no header, or shall have none.") var noHeader = false
    @Flag(name: .long, help: "Compare the copy with its source before it is published.") var verify = false
    @Flag(name: .long, help: "Go on with a copy of the same tables that was interrupted.") var resume = false
    @Option(name: .long, help: "About how many rows are committed at a time.") var partRows = 250_000
    @Option(
        name: .shortAndLong,
        help:
            "How many parts are copied at a time, read in one state of the source; by default as many as cores, up to 4."
    )
    var jobs: Int?
    @Flag(name: .long, help: "Print what would be done.") var dryRun = false

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit must not be negative.") }
        if let jobs, !(1...64).contains(jobs) { throw ValidationError("--jobs must be 1 to 64.") }
        if partRows < 1 { throw ValidationError("--part-rows must be at least 1.") }
        if query != nil, !table.isEmpty || `where` != nil || columns != nil {
            throw ValidationError("--query goes with neither --table, --columns nor --where.")
        }
        if let delimiter, delimiter.utf8.count != 1 || "\"\r\n".contains(delimiter) {
            throw ValidationError("--delimiter must be one byte, and neither a quote nor the end of a line.")
        }
        if (mode == .incremental) != (cursor != nil) {
            throw ValidationError("--mode incremental and --cursor go together.")
        }
        if query != nil, cursor != nil { throw ValidationError("--cursor goes with tables.") }
        for rule in type where !rule.dropFirst().contains("=") {
            throw ValidationError("--type takes column=type.")
        }
    }

    func run() async throws {
        let sourceFile = try fileForm(source)
        let targetFile = try fileForm(target)
        switch (sourceFile, targetFile) {
        case (nil, nil) where query == nil: try await copyTables()
        case (nil, nil): try await copyQuery()
        case (nil, let form?): try await export(form)
        case (let form?, nil): try await load(form)
        case (let form?, let targetForm?):
            try refuse(verify || dryRun, "--verify and --dry-run need a database on both sides.")
            try await write(try FileSource(source, form: form), FileSink(target, form: targetForm))
        }
    }

    // MARK: What the user named

    private func fileForm(_ name: String) throws -> FileForm? {
        let isFile = name == "-" || FileForm(path: name) != nil && !name.contains("://")
        guard isFile, try common.project().connections.allSatisfy({ $0.name != name }) else { return nil }
        guard var form = format.map({ FileForm($0) }) ?? FileForm(path: name) else {
            throw CommandFailure(status: .usage, message: "Say how the rows are written: --format csv, tsv or ndjson.")
        }
        form.isGzip = FileForm(path: name)?.isGzip ?? name.hasSuffix(".gz")
        form.encoding = encoding
        form.separator = delimiter?.utf8.first
        form.hasHeader = !noHeader
        return form
    }

    private func refuse(_ isWrong: Bool, _ message: String) throws {
        if isWrong { throw CommandFailure(status: .usage, message: message) }
    }

    private var options: CopyOptions {
        var options = CopyOptions()
        options.tables = table
        options.columns = columns.map { list in
            list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        options.condition = `where`
        options.limit = limit
        options.key =
            key.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } } ?? []
        options.cursor = cursor
        options.mode = mode
        options.verifies = verify
        options.targetTable = into
        options.resumes = resume
        options.partRows = partRows
        options.jobs = jobs ?? min(ProcessInfo.processInfo.activeProcessorCount, 4)
        // Nobody's writers wait unless several jobs were asked for.
        options.allowsLocking = jobs != nil
        for rule in type {
            guard let equals = rule.firstIndex(of: "=") else { continue }
            options.types[String(rule[..<equals])] = String(rule[rule.index(after: equals)...])
        }
        return options
    }

    // MARK: The four ways

    private func copyTables() async throws {
        let options = options
        let configurations = (source: try common.resolve(source), target: try common.resolve(target))
        let isAskedFor = jobs != nil
        let connecting: DatabaseCopy.Connecting = { (side) async throws(DatabaseError) in
            try await linkedDrivers.connect(side == .source ? configurations.source : configurations.target)
        }
        try await common.withConnection(source) { from in
            try await common.withConnection(target) { to in
                let plan = try await CopyPlan.make(from: from, to: to, options)
                try refuse(into != nil && plan.tableNames.count != 1, "--into goes with one table.")
                if dryRun {
                    Terminal.write(plan.lines.joined(separator: "\n") + "\n")
                    for note in plan.notes { Terminal.note("note: \(note)") }
                    return try plan.check()
                }
                for note in plan.notes { Terminal.note("note: \(note)") }
                let progress = TransferProgress("rows")
                let results: [DatabaseCopy.TableResult]
                do {
                    let copy = DatabaseCopy(from: from, to: to, plan, connecting: connecting)
                    results = try await copy.run(
                        noted: { if isAskedFor { Terminal.note("note: \($0)") } },
                        progress: { progress.advance(by: $0, expected: copy.forecast.rows) }
                    )
                    progress.end()
                } catch {
                    progress.end()
                    throw error
                }
                for result in results { Terminal.note("\(result.table): \(ProgressMeter.grouped(result.rows)) rows") }
                let rows = results.reduce(0) { $0 + $1.rows }
                Terminal.note(
                    "\(results.count) tables, \(ProgressMeter.grouped(rows)) rows copied\(verify ? " and verified" : "")"
                )
            }
        }
    }

    private func copyQuery() async throws {
        guard let into else { throw CommandFailure(status: .usage, message: "A query needs --into TABLE.") }
        try refuse(verify || dryRun, "--verify and --dry-run go with tables.")
        let options = options
        try await common.withConnection(source) { from in
            try await common.withConnection(target) { to in
                let copy = try await SourceCopy(into: into, on: to, options)
                let statement = StatementSource("the query", on: from, Statement(unsafe: query ?? ""))
                try await finish(statement) { try await copy.run(from: statement, progress: $0) }
            }
        }
    }

    private func export(_ form: FileForm) async throws {
        try refuse(verify || dryRun, "--verify and --dry-run need a database on both sides.")
        let options = options
        try await common.withConnection(source) { from in
            let rows: StatementSource
            if let query {
                rows = StatementSource("the query", on: from, Statement(unsafe: query))
            } else {
                guard table.count == 1, let name = table.first else {
                    throw CommandFailure(
                        status: .usage,
                        message: "A file takes one table: give --table NAME or --query."
                    )
                }
                rows = try await StatementSource.table(name, on: from, columns: options.columns, where: `where`).source
            }
            try await write(rows, FileSink(target, form: form))
        }
    }

    private func write(_ rows: any Source, _ sink: FileSink) async throws {
        try await finish(rows) { try await FileCopy.run(from: rows, to: sink, limit: limit, progress: $0) }
    }

    private func load(_ form: FileForm) async throws {
        try refuse(verify || dryRun, "--verify and --dry-run need a database on both sides.")
        let options = options
        let name = source.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? source
        guard let table = into ?? (source == "-" ? nil : name) else {
            throw CommandFailure(status: .usage, message: "Standard input needs --into TABLE.")
        }
        try await common.withConnection(target) { to in
            let copy = try await SourceCopy(into: table, on: to, options)
            let rows = try FileSource(source, form: form, columns: copy.columnNames, kinds: copy.kinds)
            try await finish(rows) { try await copy.run(from: rows, progress: $0) }
        }
    }

    private func finish(
        _ source: any Source,
        _ body: (@escaping @Sendable (Int) -> Void) async throws -> Int
    ) async throws {
        let progress = TransferProgress("rows")
        let forecast = source.forecast
        let limit = limit
        do {
            let count = try await body { count in
                progress.advance(by: count, expected: forecast?.rows.map { min($0, limit ?? .max) })
            }
            progress.end()
            Terminal.note("\(ProgressMeter.grouped(count)) rows copied")
        } catch {
            progress.end()
            throw error
        }
    }
}
