/// Points joined by lines, closed or open (PostgreSQL documentation, 8.8.5): `path`. The server refuses one without points.
public struct PostgreSQLPath: Sendable, Hashable {
    public var points: [PostgreSQLPoint]
    /// Whether a line leads from the last point back to the first.
    public var isClosed: Bool

    public init(_ points: [PostgreSQLPoint], isClosed: Bool) {
        self.points = points
        self.isClosed = isClosed
    }
}

extension PostgreSQLPath: PostgreSQLTextValue {
    /// Reads `[(x,y),…]`, which is open, and `((x,y),…)`, which is closed.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        let isClosed = !scanner.skipSpaced("[")
        guard !isClosed || scanner.skipSpaced("("), let points = scanner.points(),
            scanner.skipSpaced(isClosed ? ")" : "]"), scanner.isAtEnd
        else { return nil }
        self.init(points, isClosed: isClosed)
    }

    /// `[(x,y),…]` or `((x,y),…)`
    public var postgreSQLText: String { isClosed ? "(\(points.listText))" : "[\(points.listText)]" }
}
