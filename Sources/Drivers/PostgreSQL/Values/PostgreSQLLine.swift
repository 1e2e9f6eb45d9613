/// A line without ends, the points for which `ax + by + c = 0` (PostgreSQL documentation, 8.8.2): `line`. The server refuses one whose
/// `a` and `b` are both zero.
public struct PostgreSQLLine: Sendable, Hashable {
    public var a: Double
    public var b: Double
    public var c: Double

    public init(a: Double, b: Double, c: Double) {
        self.a = a
        self.b = b
        self.c = c
    }
}

extension PostgreSQLLine: PostgreSQLTextValue {
    /// Reads `{a,b,c}`.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        guard scanner.skipSpaced("{"), let a = scanner.double(), scanner.skipSpaced(","), let b = scanner.double(),
            scanner.skipSpaced(","), let c = scanner.double(), scanner.skipSpaced("}"), scanner.isAtEnd
        else { return nil }
        self.init(a: a, b: b, c: c)
    }

    /// `{a,b,c}`
    public var postgreSQLText: String { "{\(a.postgreSQLText),\(b.postgreSQLText),\(c.postgreSQLText)}" }
}
