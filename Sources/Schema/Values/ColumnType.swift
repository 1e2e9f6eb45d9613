extension Schema {
    /// A column's type: as the server spells it, and what that means.
    ///
    /// The spelling is the whole truth, so it alone makes two types equal; the rest is derived from it by ``init(_:engine:)``.
    public struct ColumnType: Sendable, Codable {
        /// What kind of values a type holds, whatever the engine.
        public enum Family: String, Sendable, Hashable, Codable, CaseIterable {
            case boolean, integer, decimal, float, text, bytes, bits, date, time, timestamp, interval, uuid, json, xml
            case enumeration, set, network, geometry, range, textSearch, vector, domain, composite
            /// SQLite's columns without a type, and what no other word fits.
            case any
        }

        /// As the server spells it: `numeric(10,2)`, `int unsigned`, `enum('a','b')`.
        public var spelling: String
        /// What kind of values it holds; those of its elements, for an array.
        public var family: Family
        /// How many bits a number has.
        public var bits: Int?
        /// How many characters, bytes or bits it may have.
        public var length: Int?
        /// Whether every value has that length.
        public var isFixedLength: Bool?
        /// How many digits a number has, or the fraction of a second.
        public var precision: Int?
        /// How many of a number's digits are behind the point.
        public var scale: Int?
        /// Whether it has no negative numbers.
        public var isUnsigned: Bool?
        /// Whether a time of day or timestamp knows its offset from UTC.
        public var hasTimeZone: Bool?
        /// The values of an enumeration or set, where the type itself lists them.
        public var values: [String]?
        /// How many dimensions an array has.
        public var dimensions: Int?

        /// A type of a known family.
        public init(_ spelling: String, family: Family) {
            self.spelling = spelling
            self.family = family
        }
    }
}

extension Schema.ColumnType: Hashable {
    public static func == (left: Self, right: Self) -> Bool { left.spelling == right.spelling }
    public func hash(into hasher: inout Hasher) { hasher.combine(spelling) }
}

extension Schema.ColumnType: CustomStringConvertible {
    public var description: String { spelling }
}
