/// A password or token that no description, dump or log shows.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// A secret.
    public init(_ value: String) {
        self.value = value
    }

    /// The secret itself. Only for handing it to whoever checks it.
    public func reveal() -> String { value }

    /// `***`
    public var description: String { "***" }
    /// `***`
    public var debugDescription: String { "***" }
    /// Empty.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
