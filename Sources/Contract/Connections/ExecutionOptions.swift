/// How one statement is run.
public struct ExecutionOptions: Sendable, Hashable {
    /// How long it may take in all, rows included; nil takes the connection's default.
    public var timeout: Duration?
    /// About how many bytes of rows are fetched at a time.
    public var batchBytes: Int
    /// Who sends the statement, for the slow-query log and the guards. `query(_:)` and `execute(_:)` fill it in.
    public var place: SourcePlace?

    /// Options; the default asks for batches of 64 KiB and the connection's time-out.
    public init(timeout: Duration? = nil, batchBytes: Int = 65_536) {
        self.timeout = timeout
        self.batchBytes = max(batchBytes, 1)
    }

    /// The defaults.
    public static let standard = ExecutionOptions()

    /// The defaults, sent from here.
    @inlinable
    public static func at(_ fileID: String, _ line: Int) -> ExecutionOptions {
        var options = standard
        options.place = SourcePlace(fileID: fileID, line: line)
        return options
    }
}
