/// What is wrong with the configuration, and where.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable {
    /// What is wrong and what to do; without secrets.
    public let message: String
    /// The file concerned.
    public let file: String?
    /// The line, from 1.
    public let line: Int?

    /// An error.
    public init(_ message: String, file: String? = nil, line: Int? = nil) {
        self.message = message
        self.file = file
        self.line = line
    }

    /// `file:line: message`
    public var description: String {
        guard let file else { return message }
        return line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)"
    }
}
