/// A line between two points (PostgreSQL documentation, 8.8.3): `lseg`.
public struct PostgreSQLLineSegment: Sendable, Hashable {
    public var start: PostgreSQLPoint
    public var end: PostgreSQLPoint

    public init(start: PostgreSQLPoint, end: PostgreSQLPoint) {
        self.start = start
        self.end = end
    }
}

extension PostgreSQLLineSegment: PostgreSQLTextValue {
    /// Reads `[(x,y),(x,y)]`.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        guard scanner.skipSpaced("["), let start = scanner.point(), scanner.skip(","), let end = scanner.point(),
            scanner.skipSpaced("]"), scanner.isAtEnd
        else { return nil }
        self.init(start: start, end: end)
    }

    /// `[(x,y),(x,y)]`
    public var postgreSQLText: String { "[\([start, end].listText)]" }
}
