import Roost

/// A type of SQL, as casts and column definitions name it; each dialect writes it its own way.
public indirect enum SQLType: Hashable, Sendable {
    case bool
    case int16, int32, int64
    case float, double
    /// An exact number; nil leaves precision and scale to the engine.
    case decimal(precision: Int?, scale: Int?)
    case text
    /// Text of at most this many characters.
    case varchar(Int)
    /// Text of exactly this many characters, filled with blanks.
    case char(Int)
    case bytes
    /// At most this many bytes.
    case varbinary(Int)
    case date, time, timestamp, timestampTZ, interval
    case uuid, json
    case array(SQLType)
    /// One of a list of texts.
    case enumeration(EnumerationType)
    /// Any other type of the engine, by its name.
    case named(String)

    /// An exact number of the engine's own precision.
    public static let decimal = SQLType.decimal(precision: nil, scale: nil)

    var isInteger: Bool {
        switch self {
        case .int16, .int32, .int64: true
        default: false
        }
    }
}
