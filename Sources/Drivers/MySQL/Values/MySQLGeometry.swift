public import Roost

/// A value of a geometry column as the servers store it: the number of its reference system, and its shape in WKB (MySQL
/// documentation, "Internal Geometry Storage Format").
///
/// It is bound as the same bytes, which geometry columns take. The shape is not looked into.
public struct MySQLGeometry: Sendable, Hashable {
    /// The spatial reference system, 0 for a flat plane without units.
    public var srid: UInt32
    /// The shape as Well-Known Binary (OGC 06-103r4, §8).
    public var wkb: [UInt8]

    /// A geometry from its parts.
    public init(srid: UInt32 = 0, wkb: [UInt8]) {
        self.srid = srid
        self.wkb = wkb
    }

    /// Takes apart what a server sent; nil for what is too short to hold any shape.
    public init?(stored bytes: [UInt8]) {
        // A byte order and a type at least.
        guard bytes.count >= 4 + 5 else { return nil }
        srid = bytes[..<4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        wkb = Array(bytes[4...])
    }

    /// As a server stores it.
    public var stored: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: srid >> ($0 * 8)) } + wkb }
}

extension MySQLGeometry: DatabaseEncodable, DatabaseDecodable {
    /// The bytes as stored.
    public var databaseValue: Value { .bytes(stored) }

    /// Reads the bytes of a geometry column; not those of `ST_AsWKB`, which have no reference system.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> MySQLGeometry {
        guard let geometry = MySQLGeometry(stored: try [UInt8].decode(cell)) else { throw .malformed }
        return geometry
    }
}
