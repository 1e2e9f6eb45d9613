/// An area within lines (PostgreSQL documentation, 8.8.6): `polygon`. The server refuses one without points.
public struct PostgreSQLPolygon: Sendable, Hashable {
    public var points: [PostgreSQLPoint]

    public init(_ points: [PostgreSQLPoint]) {
        self.points = points
    }
}

extension PostgreSQLPolygon: PostgreSQLTextValue {
    /// Reads `((x,y),…)`.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        guard scanner.skipSpaced("("), let points = scanner.points(), scanner.skipSpaced(")"), scanner.isAtEnd else {
            return nil
        }
        self.init(points)
    }

    /// `((x,y),…)`
    public var postgreSQLText: String { "(\(points.listText))" }
}
