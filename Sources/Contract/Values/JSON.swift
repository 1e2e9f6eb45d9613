/// JSON text as an engine holds it. It is neither validated nor parsed until asked for.
public struct JSON: Sendable, Hashable {
    /// The text.
    public var text: String

    /// JSON from its text, unchecked.
    @inlinable
    public init(_ text: String) {
        self.text = text
    }
}
