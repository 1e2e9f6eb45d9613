/// A point in the plane (PostgreSQL documentation, 8.8.1): `point`.
///
/// The geometric types compare exactly here; the server's `=` lets coordinates differ by a little.
public struct PostgreSQLPoint: Sendable, Hashable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

extension PostgreSQLPoint: PostgreSQLTextValue {
    /// Reads `(x,y)`.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        guard let point = scanner.point(), scanner.isAtEnd else { return nil }
        self = point
    }

    /// `(x,y)`
    public var postgreSQLText: String { "(\(x.postgreSQLText),\(y.postgreSQLText))" }
}

extension TextScanner {
    /// Reads `(x,y)` and the blanks around it.
    mutating func point() -> PostgreSQLPoint? {
        guard skipSpaced("("), let x = double(), skipSpaced(","), let y = double(), skipSpaced(")") else { return nil }
        return PostgreSQLPoint(x: x, y: y)
    }

    /// Reads one point or more, with commas between them.
    mutating func points() -> [PostgreSQLPoint]? {
        var points: [PostgreSQLPoint] = []
        repeat {
            guard let point = point() else { return nil }
            points.append(point)
        } while skip(",")
        return points
    }
}

extension [PostgreSQLPoint] {
    /// The points with commas between them.
    var listText: String { map(\.postgreSQLText).joined(separator: ",") }
}
