/// One fixed-size slot of a ``RowBatch``: the kind of the value and eight bytes of payload, or where its bytes are.
///
/// The layout is the same for every driver, so that decoding is written once and inlines into the caller:
///
/// | kind | payload | length | extra |
/// |---|---|---|---|
/// | bool, int, uint, float, double, date | the value's bits, integers sign-extended | – | – |
/// | time | nanoseconds since midnight | – | – |
/// | timeTZ | nanoseconds since midnight | UTC offset in seconds | – |
/// | timestamp, timestampTZ | microseconds since 1970 | – | 0 … 999 further nanoseconds |
/// | decimal, text, json | offset into the heap | bytes of UTF-8 | – |
/// | bytes | offset into the heap | bytes | – |
/// | uuid | offset into the heap | 16 | – |
/// | interval | offset into the heap | 16: microseconds, days, months | – |
/// | array | offset into the heap | 16 × elements: their cells | – |
/// | object | offset into the heap | 32 × fields: a text cell with the name, then the value's cell | – |
@frozen
public struct Cell: Sendable, BitwiseCopyable {
    /// Facts about a cell beside its kind.
    @frozen
    public struct Flags: OptionSet, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The engine defines zoneless timestamps as UTC, so this one may be decoded as an ``Instant``.
        public static let utc = Flags(rawValue: 1 << 0)
    }

    /// The value's bits, or its offset into the batch's heap.
    public var payload: UInt64
    /// Bytes in the heap; for ``ValueKind/timeTZ`` the offset from UTC in seconds.
    public var length: UInt32
    /// Nanoseconds below the microsecond.
    public var extra: UInt16
    /// The kind of value.
    public var kind: ValueKind
    /// Facts beside the kind.
    public var flags: Flags

    /// A cell from its parts. Whoever makes one vouches that offset and length lie within the heap.
    @inlinable
    public init(kind: ValueKind, payload: UInt64 = 0, length: UInt32 = 0, extra: UInt16 = 0, flags: Flags = []) {
        self.payload = payload
        self.length = length
        self.extra = extra
        self.kind = kind
        self.flags = flags
    }
}
