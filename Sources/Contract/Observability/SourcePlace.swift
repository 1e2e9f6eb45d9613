/// A place in the program: who acquired a connection, who sent a statement.
public struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
    /// The file, as `#fileID` has it.
    public var fileID: String
    /// The line.
    public var line: Int

    /// A place.
    @inlinable
    public init(fileID: String, line: Int) {
        self.fileID = fileID
        self.line = line
    }

    /// `Module/File.swift:12`
    public var description: String { "\(fileID):\(line)" }
}
