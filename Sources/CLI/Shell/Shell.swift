import Foundation
import Roost
import RoostFormats
import RoostSchema

/// The prompt: reads statements and commands until the end of the input.
struct Shell {
    let connection: any Connection
    let editor: LineEditor
    var isExpanded = false
    var showsTiming = false
    var outputFile: FileHandle?
    private var pending = ""
    private var failures = 0

    init(connection: any Connection, editor: LineEditor) {
        self.connection = connection
        self.editor = editor
    }

    /// Runs until `\q` or the end of the input. Fed by a program, a failed statement makes the exit code 1.
    mutating func run() async throws {
        await loadWords()
        reading: while true {
            let status = await connection.transactionStatus
            let mark = status == .idle ? "" : "*"
            let prompt = "\(connection.driverName)\(mark)\(pending.isEmpty ? "=" : "-")> "
            switch editor.read(prompt: prompt) {
            case .end: break reading
            case .interrupted: pending = ""
            case .text(let line):
                if let ended = endedByCommand(line) {
                    editor.remember(pending + (pending.isEmpty ? line : "\n" + line))
                    pending = ""
                    for part in ended.parts.dropLast() { await runStatement(part.text) }
                    let wasExpanded = isExpanded
                    isExpanded = isExpanded || ended.isUpright
                    if let last = ended.parts.last { await runStatement(last.text) }
                    isExpanded = wasExpanded
                } else if line.hasPrefix("\\"), isBetweenTokens {
                    editor.remember(line)
                    guard await runCommand(line) else {
                        pending = ""
                        break reading
                    }
                } else {
                    pending += pending.isEmpty ? line : "\n" + line
                    await runComplete()
                }
            }
        }
        try await finishInput()
    }

    /// Whether what is pending ends inside neither a quote nor a comment nor a body, so that a backslash begins a command.
    private var isBetweenTokens: Bool {
        pending.isEmpty
            || StatementSplitter.split(pending + "\n;", dialect: connection.dialect).last?.isComplete == true
    }

    /// What a line ends that has `\g` in the place of the semicolon, or `\G` (MySQL's) or `\gx` (PostgreSQL's), which show rows upright;
    /// nil for other lines, and where the backslash stands in a quote, a comment or a body.
    private func endedByCommand(_ line: String) -> (parts: [StatementSplitter.Part], isUpright: Bool)? {
        let text = line.trimmingCharacters(in: .whitespaces)
        guard !pending.isEmpty || !line.hasPrefix("\\"),
            let ending = ["\\gx", "\\G", "\\g"].first(where: { text.hasSuffix($0) })
        else { return nil }
        let statement = (pending.isEmpty ? "" : pending + "\n") + text.dropLast(ending.count)
        let parts = StatementSplitter.split(statement + "\n;", dialect: connection.dialect)
        guard !parts.isEmpty, parts.allSatisfy(\.isComplete) else { return nil }
        return (parts, ending != "\\g")
    }

    private mutating func finishInput() async throws {
        if !pending.allSatisfy(\.isWhitespace) {
            // A person who leaves in the middle of a statement may have thought better of it.
            if Terminal.isInteractive {
                Terminal.note("The unfinished statement was not run.")
            } else {
                await runStatement(pending)
            }
        }
        if failures > 0, !Terminal.isInteractive {
            throw CommandFailure(status: .failed, message: "\(failures) statement\(failures == 1 ? "" : "s") failed.")
        }
    }

    /// Runs what of the pending text is complete and keeps the rest.
    private mutating func runComplete() async {
        let parts = StatementSplitter.split(pending, dialect: connection.dialect)
        guard let last = parts.last else {
            pending = ""
            return
        }
        guard last.isComplete else { return }
        editor.remember(pending)
        pending = ""
        for part in parts { await runStatement(part.text) }
    }

    mutating func runStatement(_ text: String) async {
        let start = ContinuousClock.now
        await attempt { shell in
            let results = try await shell.connection.query(Statement(unsafe: text))
            try await shell.show(results)
        }
        if showsTiming { Terminal.note("Time: \((ContinuousClock.now - start).formatted)") }
        if ["create", "drop", "alter"].contains(where: { text.lowercased().hasPrefix($0) }) { await loadWords() }
    }

    /// Runs `work` so that Ctrl-C ends it and nothing else.
    mutating func attempt(_ work: (inout Shell) async throws -> Void) async {
        let connection = connection
        // A script, in contrast, ends as a whole.
        if Terminal.isInteractive { InterruptFlag.shared.handle { connection.cancel() } }
        var failure: (any Error)?
        do { try await work(&self) } catch { failure = error }
        // The terminal shows ^C where the cursor was.
        if InterruptFlag.shared.isRaised, Terminal.isInteractive { Terminal.note("") }
        if let failure {
            failures += 1
            Terminal.note(ErrorReport.text(for: failure))
        }
        // Between two statements there is nothing to end.
        if Terminal.isInteractive { InterruptFlag.shared.handle(endsProcess: false) {} }
    }

    func show(_ results: ResultSet, format: OutputFormat? = nil) async throws {
        guard !results.columns.isEmpty else {
            let summary = try await results.drain()
            Terminal.note(summary.rowsAffected.map { "\($0) row\($0 == 1 ? "" : "s") affected" } ?? "done")
            return
        }
        let printer = ResultPrinter(
            format: format ?? (isExpanded ? .vertical : .table),
            options: OutputOptions(width: outputFile == nil ? Terminal.width : nil),
            write: { bytes in
                if let outputFile { outputFile.write(Data(bytes)) } else { Terminal.write(bytes) }
            }
        )
        let count = try await printer.print(results)
        Terminal.note("(\(count) row\(count == 1 ? "" : "s"))")
    }

    private static let keywords = [
        "select", "from", "where", "group by", "order by", "having", "limit", "insert into", "values", "update",
        "delete from",
        "create table", "create index", "drop table", "alter table", "begin", "commit", "rollback", "join", "left join",
        "distinct",
    ]

    /// What completion offers: tables, columns and keywords.
    func loadWords() async {
        guard let schema = try? await Schema.read(from: connection) else { return }
        let names =
            schema.tables.map(\.name.description) + schema.views.map(\.name.description)
            + schema.tables.flatMap { $0.columns.map(\.name) }
        CompletionWords.words = Array(Set(names + Self.keywords))
    }
}
