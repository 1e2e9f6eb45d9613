import Foundation
import Roost
import RoostFormats

/// One way in which a database is not what its migrations make of it.
struct DriftFinding: Encodable, Sendable {
    /// Not applied yet, partly applied, with a file that was edited or is missing; or the structure differs.
    enum Kind: String, Encodable, Sendable {
        case pending, dirty, edited, missing, differs
    }

    let kind: Kind
    let what: String

    init(_ kind: Kind, _ what: String) {
        self.kind = kind
        self.what = what
    }
}

/// What was found in one database of several.
struct DatabaseReport: Encodable, Sendable {
    enum State: String, Encodable, Sendable {
        case same, differs, unreachable, failed
    }

    /// The connection's name: a URL may hold a password.
    let database: String
    var state = State.same
    var findings: [DriftFinding] = []
    /// Why it could not be looked at.
    var message: String?
    var status = ExitStatus.done

    private enum CodingKeys: CodingKey { case database, state, findings, message }

    init(database: String) { self.database = database }
}

/// What was found in several databases.
struct FleetReport {
    let databases: [DatabaseReport]

    static func write(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Terminal.write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }

    /// Writes the report to standard output, and how many there are of each to standard error.
    ///
    /// - Throws: a failure with the exit code when not all are the same.
    func write(_ format: OutputFormat) throws {
        if format == .json {
            try Self.write(json: databases)
        } else {
            MigrationTable.write(["database", "state", "finding", "what"], rows, format)
        }
        let counts = [DatabaseReport.State.same, .differs, .unreachable, .failed].compactMap { state in
            let count = databases.filter { $0.state == state }.count
            return count == 0 ? nil : "\(count) \(state.rawValue)"
        }
        let summary = "\(databases.count) database\(databases.count == 1 ? "" : "s"): \(counts.joined(separator: ", "))"
        if databases.contains(where: { $0.state == .differs }) {
            throw CommandFailure(status: .findings, message: summary)
        }
        if let failed = databases.first(where: { $0.state != .same }) {
            throw CommandFailure(status: failed.status, message: summary)
        }
        Terminal.note(summary)
    }

    private var rows: [[Value]] {
        databases.flatMap { report -> [[Value]] in
            let head: [Value] = [.text(report.database), .text(report.state.rawValue)]
            if let message = report.message { return [head + [.null, .text(message)]] }
            if report.findings.isEmpty { return [head + [.null, .null]] }
            return report.findings.map { head + [.text($0.kind.rawValue), .text($0.what)] }
        }
    }
}
