public import Logging

/// Everything a driver needs to connect: where, and how the session behaves. Read from a URL's options, or set by hand.
public struct ConnectionConfiguration: Sendable {
    /// Where the database is.
    public var url: DatabaseURL
    /// How long connecting may take (`connect_timeout`, 10 s).
    public var connectTimeout: Duration
    /// How long one statement may take (`statement_timeout`); nil for as long as it needs.
    public var statementTimeout: Duration?
    /// How long a statement waits for a lock (`lock_timeout`, 5 s).
    public var lockTimeout: Duration
    /// How the session names itself to the server (`application_name`).
    public var applicationName: String
    /// Whether the session refuses writes (`read_only`).
    public var isReadOnly: Bool
    /// How many prepared statements the session keeps (`statement_cache_size`, 256); 0 keeps none.
    public var statementCacheCapacity: Int
    /// How many connections a ``Database`` opens at most (`pool_size`); nil lets the driver choose.
    public var maximumConnections: Int?
    /// How long a task waits for one of those connections (`pool_timeout`, 30 s).
    public var poolTimeout: Duration
    /// How long a statement may take before the log says so (`slow_query_threshold`); nil for no such log. The log shows the
    /// statement without its values.
    public var slowQueryThreshold: Duration?
    /// What to look out for while statements run; nil for nothing.
    public var guards: RuntimeGuards?
    /// Who wants to know of statements and of the pool: metrics, traces. Nil for nobody, which costs nothing.
    public var observer: (any DatabaseObserver)?
    /// Where the driver logs. It never logs values or secrets.
    public var logger: Logger

    /// A configuration for a URL, with what its options say.
    ///
    /// - Throws: `interface.invalidConfiguration` naming the option that cannot be read.
    public init(url: DatabaseURL, logger: Logger = Logger(label: "roost")) throws(DatabaseError) {
        self.url = url
        self.logger = logger
        connectTimeout = try Self.duration("connect_timeout", in: url) ?? .seconds(10)
        statementTimeout = try Self.duration("statement_timeout", in: url)
        lockTimeout = try Self.duration("lock_timeout", in: url) ?? .seconds(5)
        applicationName = url.option("application_name") ?? "roost"
        isReadOnly = try Self.flag("read_only", in: url) ?? false
        statementCacheCapacity = try Self.count("statement_cache_size", in: url) ?? 256
        maximumConnections = try Self.count("pool_size", in: url)
        poolTimeout = try Self.duration("pool_timeout", in: url) ?? .seconds(30)
        slowQueryThreshold = try Self.duration("slow_query_threshold", in: url)
    }

    /// A configuration for the text of a URL.
    public init(_ url: String, logger: Logger = Logger(label: "roost")) throws(DatabaseError) {
        try self.init(url: try DatabaseURL(url), logger: logger)
    }

    /// The options this type reads; a driver judges the others.
    public static let commonOptions: Set<String> = [
        "connect_timeout", "statement_timeout", "lock_timeout", "application_name", "read_only", "statement_cache_size",
        "pool_size", "pool_timeout", "slow_query_threshold",
    ]

    /// Reads `250ms`, `5s`, `2m`, `1h`, or a plain number of seconds.
    public static func duration(from text: String) -> Duration? {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("", 1)]
        for (suffix, seconds) in units where text.hasSuffix(suffix) {
            guard let number = Double(text.dropLast(suffix.count)), number >= 0, number * seconds <= 1e9 else {
                return nil
            }
            return .seconds(number * seconds)
        }
        return nil
    }

    private static func duration(_ name: String, in url: DatabaseURL) throws(DatabaseError) -> Duration? {
        guard let text = url.option(name) else { return nil }
        guard let value = duration(from: text) else { throw invalid(name, "a duration such as 5s or 250ms") }
        return value
    }

    private static func flag(_ name: String, in url: DatabaseURL) throws(DatabaseError) -> Bool? {
        switch url.option(name)?.lowercased() {
        case nil: return nil
        case "true", "1", "yes", "on": return true
        case "false", "0", "no", "off": return false
        default: throw invalid(name, "true or false")
        }
    }

    private static func count(_ name: String, in url: DatabaseURL) throws(DatabaseError) -> Int? {
        guard let text = url.option(name) else { return nil }
        guard let value = Int(text), (0...1_000_000).contains(value) else { throw invalid(name, "a whole number") }
        return value
    }

    private static func invalid(_ name: String, _ wanted: String) -> DatabaseError {
        DatabaseError(
            .interface,
            .invalidConfiguration,
            "The option \"\(name)\" of the database URL must be \(wanted)."
        )
    }
}
