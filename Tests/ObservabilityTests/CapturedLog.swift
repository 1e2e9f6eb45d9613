import Logging
import Roost

/// Keeps what is logged.
final class CapturedLog: Sendable {
    struct Entry: Sendable {
        var level: Logger.Level
        var message: String
        var metadata: Logger.Metadata
    }

    private let entries = Locked<[Entry]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }
    var warnings: [Entry] { entries.withLock { $0.filter { $0.level >= .warning } } }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let entry = Entry(level: event.level, message: "\(event.message)", metadata: event.metadata ?? [:])
            log.entries.withLock { $0.append(entry) }
        }
    }
}
