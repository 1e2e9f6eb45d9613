public import Roost

/// Where an SQLite database is and how it is opened, from a ``DatabaseURL``.
///
/// Options beside the common ones: `mode` (`ro`, `rw`, `rwc`, `memory`; `rw` by default, so that a misspelt path is an error and
/// not a new file), `journal_mode` (a new file gets `wal`, an existing one keeps its own), `foreign_keys` (`on`), and SQLite's own
/// URI options `cache`, `immutable`, `vfs`, `nolock`.
public struct SQLiteConfiguration: Sendable {
    /// How a file is opened.
    public enum Mode: Sendable, Hashable {
        /// An existing file, for reading.
        case readOnly
        /// An existing file.
        case readWrite
        /// A file that is created when it is missing.
        case create
        /// A database in memory that ends with its connection.
        case memory
    }

    /// What every driver needs.
    public var common: ConnectionConfiguration
    /// The path of the file; empty for memory.
    public var path: String
    /// How it is opened.
    public var mode: Mode
    /// The journal mode to set; nil leaves an existing file's.
    public var journalMode: String?
    /// Whether foreign keys are enforced.
    public var enforcesForeignKeys: Bool
    private var uriOptions: [DatabaseURL.Option]

    private static let journalModes: Set<String> = ["delete", "truncate", "persist", "memory", "wal", "off"]
    private static let uriOptionNames: Set<String> = ["cache", "immutable", "vfs", "nolock", "psow"]

    /// Reads a configuration.
    ///
    /// - Throws: `interface.invalidConfiguration` for an unknown option or value.
    public init(_ common: ConnectionConfiguration) throws(DatabaseError) {
        self.common = common
        path = common.url.database
        mode = common.isReadOnly ? .readOnly : .readWrite
        journalMode = nil
        enforcesForeignKeys = true
        uriOptions = []
        if path == ":memory:" || path.isEmpty { mode = .memory }
        for option in common.url.options {
            try read(option)
        }
        if mode == .memory { path = "" }
    }

    private mutating func read(_ option: DatabaseURL.Option) throws(DatabaseError) {
        let value = option.value.lowercased()
        switch option.name.lowercased() {
        case "mode":
            switch value {
            case "ro": mode = .readOnly
            case "rw": mode = mode == .memory ? .memory : .readWrite
            case "rwc": mode = mode == .memory ? .memory : .create
            case "memory": mode = .memory
            default: throw Self.invalid("mode", "ro, rw, rwc or memory")
            }
        case "journal_mode":
            guard Self.journalModes.contains(value) else {
                throw Self.invalid("journal_mode", Self.journalModes.sorted().joined(separator: ", "))
            }
            journalMode = value
        case "foreign_keys":
            guard ["on", "off", "true", "false", "1", "0"].contains(value) else {
                throw Self.invalid("foreign_keys", "on or off")
            }
            enforcesForeignKeys = ["on", "true", "1"].contains(value)
        case let name where Self.uriOptionNames.contains(name):
            uriOptions.append(option)
        case let name where ConnectionConfiguration.commonOptions.contains(name):
            break
        default:
            throw DatabaseError(
                .interface,
                .invalidConfiguration,
                "SQLite knows no option \"\(option.name)\".",
                hint: "Options: mode, journal_mode, foreign_keys, cache, immutable, vfs, nolock and the common ones."
            )
        }
    }

    private static func invalid(_ name: String, _ wanted: String) -> DatabaseError {
        DatabaseError(.interface, .invalidConfiguration, "The option \"\(name)\" of an SQLite URL must be \(wanted).")
    }

    /// Whether there is a file.
    public var isFile: Bool { mode != .memory }

    var usesURI: Bool { !uriOptions.isEmpty }

    /// What `sqlite3_open_v2` is given.
    var openName: String {
        guard usesURI else { return isFile ? path : ":memory:" }
        func encoded(_ text: String) -> String {
            text.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23").replacing(
                "&",
                with: "%26"
            )
        }
        let query = uriOptions.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
        return "file:\(isFile ? encoded(path) : ":memory:")?\(query)"
    }
}
