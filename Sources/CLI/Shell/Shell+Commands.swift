import Foundation
import Roost
import RoostFormats
import RoostSchema

extension Shell {
    private static let help = """
        \\d [name]            tables and views, or one of them
        \\dt  \\di  \\dv         tables, indexes, views
        \\x                   one line per column, on or off
        STATEMENT \\G         run it, one line per column
        \\timing              how long each statement takes, on or off
        \\i FILE              run a file of statements
        \\o [FILE]            write results to a file, or back to the screen
        \\copy TABLE from FILE      read CSV (or TSV) into a table
        \\copy TABLE|(QUERY) to FILE  write CSV (or TSV)
        \\watch [SECONDS] SQL  run a statement again and again; Ctrl-C ends it
        \\?                   this list
        \\q                   leave
        """

    /// Runs a backslash command; false ends the shell.
    mutating func runCommand(_ line: String) async -> Bool {
        let words = line.dropFirst().split(separator: " ", maxSplits: 1).map(String.init)
        let argument = words.count > 1 ? words[1].trimmingCharacters(in: CharacterSet(charactersIn: " ;")) : nil
        switch words.first ?? "" {
        case "q", "quit": return false
        case "?", "h", "help": Terminal.write(Self.help + "\n")
        case "x":
            isExpanded.toggle()
            Terminal.note("Expanded display is \(isExpanded ? "on" : "off").")
        case "timing":
            showsTiming.toggle()
            Terminal.note("Timing is \(showsTiming ? "on" : "off").")
        case "d", "dt", "dv", "di":
            let kind = words[0]
            await attempt { try await $0.describe(kind, argument) }
        case "i":
            await attempt { try await $0.runFile(argument) }
        case "o":
            await attempt { try $0.redirect(argument) }
        case "copy":
            await attempt { try await $0.copy(argument ?? "") }
        case "watch":
            await attempt { try await $0.watch(argument ?? "") }
        default:
            await attempt { _ in
                throw CommandFailure(
                    status: .usage,
                    message: "There is no command \\\(words.first ?? ""); \\? lists them."
                )
            }
        }
        return true
    }

    private func describe(_ command: String, _ name: String?) async throws {
        let schema = try await Schema.read(from: connection)
        if command == "d", let name {
            func isMeant(_ candidate: ObjectName) -> Bool { candidate.description.lowercased() == name.lowercased() }
            let printer = SchemaPrinter(width: Terminal.width)
            if let table = schema.tables.first(where: { isMeant($0.name) }) {
                return printer.print(table, triggers: schema.triggers.filter { $0.table == table.name })
            }
            guard let view = schema.views.first(where: { isMeant($0.name) }) else {
                throw CommandFailure(status: .failed, message: "There is no table or view \(name).")
            }
            return printer.print(view)
        }
        var rows: [[Value]] = []
        if command == "di" {
            rows = schema.tables.flatMap { table in
                table.indexes.map { [.text($0.name), .text(table.name.description), .text($0.partsText)] }
            }
        } else {
            if command != "dv" {
                rows += schema.tables.map {
                    [.text($0.name.description), "table", .text("\($0.columns.count) columns")]
                }
            }
            if command != "dt" {
                rows += schema.views.map {
                    [.text($0.name.description), $0.isMaterialized ? "materialised view" : "view", ""]
                }
            }
        }
        let names = command == "di" ? ["index", "table", "columns"] : ["name", "kind", ""]
        var writer = ResultWriter(
            .table,
            columns: ColumnList(names.map { ColumnDescription(name: $0, kind: .text) }),
            options: OutputOptions(width: Terminal.width)
        )
        for row in rows { writer.write(row) }
        writer.end()
        Terminal.write(writer.takeBytes())
    }

    private mutating func runFile(_ path: String?) async throws {
        guard let path, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure(status: .usage, message: "The file \(path ?? "") cannot be read as UTF-8 text.")
        }
        for part in StatementSplitter.split(text, dialect: connection.dialect) {
            try await show(try await connection.query(Statement(unsafe: part.text)))
        }
    }

    private mutating func redirect(_ path: String?) throws {
        try outputFile?.close()
        outputFile = nil
        guard let path else { return }
        outputFile = try Self.create(path)
    }

    private static func create(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else {
            throw CommandFailure(status: .failed, message: "The file \(path) cannot be written.")
        }
        return handle
    }

    private func copy(_ argument: String) async throws {
        for (word, isExport) in [(" to ", true), (" from ", false)] {
            guard let range = argument.ranges(of: word).last else { continue }
            let subject = argument[..<range.lowerBound].trimmingCharacters(in: .whitespaces)
            let path = argument[range.upperBound...].trimmingCharacters(in: CharacterSet(charactersIn: " '"))
            if isExport { try await export(subject, to: path) } else { try await load(subject, from: path) }
            return
        }
        throw CommandFailure(status: .usage, message: "Write \\copy TABLE from FILE, or \\copy TABLE|(QUERY) to FILE.")
    }

    private func export(_ subject: String, to path: String) async throws {
        let statement: Statement =
            subject.hasPrefix("(") && subject.hasSuffix(")")
            ? Statement(unsafe: String(subject.dropFirst().dropLast()))
            : "select * from \(identifier: Self.parts(subject))"
        let results = try await connection.query(statement)
        let file = try Self.create(path)
        let printer = ResultPrinter(
            format: path.hasSuffix(".tsv") ? .tsv : .csv,
            options: OutputOptions(),
            progress: WorkProgress("rows"),
            write: { file.write(Data($0)) }
        )
        let count = try await printer.print(results)
        try file.close()
        Terminal.note("\(count) rows written to \(path)")
    }

    private static func parts(_ name: String) -> [String] {
        name.split(separator: ".").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\"")) }
    }

    private func load(_ table: String, from path: String) async throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(status: .usage, message: "The file \(path) cannot be read.")
        }
        var reader = try DelimitedReader([UInt8](data), isTSV: path.hasSuffix(".tsv"))
        guard let header = try reader.next() else {
            throw CommandFailure(status: .failed, message: "\(path) is empty.")
        }
        let names = header.map { $0 ?? "" }
        var statement: Statement = "insert into \(identifier: Self.parts(table)) ("
        for (index, name) in names.enumerated() {
            if index > 0 { statement.append(unsafe: ", ") }
            statement.append(identifier: [name])
        }
        statement.append(unsafe: ") values (\(names.map { _ in "?" }.joined(separator: ", ")))")
        var rows: [[Value]] = []
        while let row = try reader.next() {
            guard row.count == names.count else {
                throw CommandFailure(
                    status: .failed,
                    message:
                        "\(path), record \(rows.count + 2): \(row.count) values where the header has \(names.count). Nothing was loaded."
                )
            }
            rows.append(row.map { $0.map(Value.text) ?? .null })
        }
        let summary = try await Self.insert(statement, rows, into: connection, width: names.count)
        Terminal.note("\(summary.rowsAffected ?? rows.count) rows loaded into \(table)")
    }

    private static func insert<C: Connection>(
        _ statement: Statement,
        _ rows: [[Value]],
        into connection: C,
        width: Int
    ) async throws -> ExecutionSummary {
        let progress = WorkProgress("rows", total: rows.count)
        defer { progress.end() }
        return try await connection.executeMany(statement, width: width, rows.counted(by: progress)) { row, builder in
            for value in row { builder.append(value) }
        }
    }

    private func watch(_ argument: String) async throws {
        let words = argument.split(separator: " ", maxSplits: 1).map(String.init)
        let seconds = words.first.flatMap(Double.init)
        let text = seconds == nil ? argument : words.dropFirst().joined()
        guard !text.isEmpty, (seconds ?? 2) > 0 else {
            throw CommandFailure(status: .usage, message: "Write \\watch SECONDS SELECT ….")
        }
        let connection = connection
        let stop = InterruptFlag.shared
        while !stop.isRaised {
            try await show(try await connection.query(Statement(unsafe: text)))
            let end = ContinuousClock.now + .seconds(seconds ?? 2)
            // Short naps, so that Ctrl-C is noticed.
            while ContinuousClock.now < end, !stop.isRaised { try await Task.sleep(for: .milliseconds(50)) }
        }
    }
}
