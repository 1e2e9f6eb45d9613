/// How one statement is run.
public struct ExecutionOptions: Sendable, Hashable {
    /// How long it may take in all, rows included; nil takes the connection's default.
    public var timeout: Duration?
    /// About how many bytes of rows are fetched at a time.
    public var batchBytes: Int

    /// Options; the default asks for batches of 64 KiB and the connection's time-out.
    public init(timeout: Duration? = nil, batchBytes: Int = 65_536) {
        self.timeout = timeout
        self.batchBytes = max(batchBytes, 1)
    }

    /// The defaults.
    public static let standard = ExecutionOptions()
}
