/// A rectangle with sides along the axes (PostgreSQL documentation, 8.8.4): `box`.
///
/// The elements of a `box[]` are separated by semicolons, alone among the built-in types. Such arrays are read like others, and bound
/// as `\(boxes.postgreSQLText)`.
public struct PostgreSQLBox: Sendable, Hashable {
    /// The corner with the greater coordinates.
    public let upperRight: PostgreSQLPoint
    /// The corner with the smaller coordinates.
    public let lowerLeft: PostgreSQLPoint

    /// A rectangle from two corners that lie opposite each other, whichever they are.
    ///
    /// Of coordinates that are equal, as 0 and -0 are, the first corner's is the upper one's; NaN is the greatest, as for the server.
    public init(_ one: PostgreSQLPoint, _ other: PostgreSQLPoint) {
        func isLess(_ one: Double, _ other: Double) -> Bool { one < other || (other.isNaN && !one.isNaN) }
        let (right, left) = isLess(one.x, other.x) ? (other.x, one.x) : (one.x, other.x)
        let (top, bottom) = isLess(one.y, other.y) ? (other.y, one.y) : (one.y, other.y)
        upperRight = PostgreSQLPoint(x: right, y: top)
        lowerLeft = PostgreSQLPoint(x: left, y: bottom)
    }
}

extension PostgreSQLBox: PostgreSQLTextValue {
    /// Reads `(x,y),(x,y)`.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        guard let one = scanner.point(), scanner.skip(","), let other = scanner.point(), scanner.isAtEnd else {
            return nil
        }
        self.init(one, other)
    }

    /// `(x,y),(x,y)`, the upper right corner first.
    public var postgreSQLText: String { [upperRight, lowerLeft].listText }

    public static var arrayDelimiter: UInt8 { UInt8(ascii: ";") }
}
