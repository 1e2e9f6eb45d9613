import Roost
import RoostFormats

/// Prints a result to standard output as it arrives.
struct ResultPrinter {
    var format: OutputFormat
    var options: OutputOptions
    /// The most rows printed; nil for all.
    var maximumRows: Int?
    /// Tells how far printing is, where the rows themselves do not show it.
    var progress: WorkProgress?
    /// Where the bytes go.
    var write: ([UInt8]) -> Void = { Terminal.write($0) }

    /// Prints the rows and returns how many there were.
    @discardableResult
    func print(_ results: ResultSet) async throws -> Int {
        guard !results.columns.isEmpty else { return 0 }
        var writer = ResultWriter(format, columns: results.columns, options: options)
        var wasCut = false
        defer { progress?.end() }
        for try await row in results {
            if let maximumRows, writer.rowCount >= maximumRows {
                wasCut = true
                break
            }
            writer.write(row.values)
            progress?.advance()
            guard writer.bytes.count > 32_768 else { continue }
            write(writer.takeBytes())
            // Most of a long result's time is spent here, where no statement runs that could be ended.
            if InterruptFlag.shared.isRaised { throw CancellationError() }
        }
        results.close()
        writer.end()
        write(writer.takeBytes())
        if wasCut { Terminal.note("roost: stopped after \(writer.rowCount) rows; there are more (--max-rows)") }
        return writer.rowCount
    }
}
