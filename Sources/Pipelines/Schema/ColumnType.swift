/// What a column's declared type means, apart from any engine's name for it.
enum ColumnType: Hashable, Sendable {
    case bool
    /// `bits` is 8, 16, 24, 32 or 64.
    case integer(bits: Int, isUnsigned: Bool)
    case float, double
    case decimal(precision: Int?, scale: Int?)
    /// Text of at most so many characters.
    case text(limit: Int?)
    /// Text padded to so many characters.
    case fixedText(Int)
    case bytes(limit: Int?)
    case date
    case time(Int?), timeTZ(Int?), timestamp(Int?), timestampTZ(Int?)
    case interval
    case uuid
    /// JSON as text, and JSON that the engine keeps parsed.
    case json, parsedJSON
    case year
    case bits(Int)
    case enumeration([String]), set
    /// A type that only this engine has.
    case native(String)
    /// No type at all, as SQLite allows.
    case none
}
