/// A circle (PostgreSQL documentation, 8.8.7): `circle`. The server refuses a negative radius.
public struct PostgreSQLCircle: Sendable, Hashable {
    public var center: PostgreSQLPoint
    public var radius: Double

    public init(center: PostgreSQLPoint, radius: Double) {
        self.center = center
        self.radius = radius
    }
}

extension PostgreSQLCircle: PostgreSQLTextValue {
    /// Reads `<(x,y),r>`.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        guard scanner.skipSpaced("<"), let center = scanner.point(), scanner.skipSpaced(","),
            let radius = scanner.double(), scanner.skipSpaced(">"), scanner.isAtEnd
        else { return nil }
        self.init(center: center, radius: radius)
    }

    /// `<(x,y),r>`
    public var postgreSQLText: String { "<\(center.postgreSQLText),\(radius.postgreSQLText)>" }
}
