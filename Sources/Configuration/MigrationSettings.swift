import Roost
import Yams

/// What `roost.yaml` says under `migrations:`.
public struct MigrationSettings: Sendable {
    /// The folder of the files, as written.
    public var folder: String?
    /// The table of the history.
    public var historyTable: String?
    /// The connection that is migrated when none is named.
    public var connection: String?
    /// How long a statement waits for locks.
    public var lockTimeout: Duration?
    /// How long to wait for another run.
    public var wait: Duration?

    /// Nothing said.
    public init() {}

    private static let keys = ["folder", "history_table", "connection", "lock_timeout", "wait"]

    static func read(_ node: Node, _ reader: NodeReader) throws(ConfigurationError) -> MigrationSettings {
        var settings = MigrationSettings()
        for (key, value) in try reader.entries(of: node, allowed: keys, what: "migrations") {
            let text = try reader.text(value, key)
            switch key {
            case "folder": settings.folder = text
            case "history_table": settings.historyTable = text
            case "connection": settings.connection = text
            default:
                guard let duration = ConnectionConfiguration.duration(from: text) else {
                    throw reader.error("\(key) must be a duration such as 500ms, 5s or 10m.", value)
                }
                if key == "wait" { settings.wait = duration } else { settings.lockTimeout = duration }
            }
        }
        return settings
    }
}
