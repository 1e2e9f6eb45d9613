/// Ranges in order that neither overlap nor touch (PostgreSQL documentation, 8.17.1): `int4multirange`, `datemultirange` and so on.
///
/// Equality is that of the values in the ranges; comparing sorts, so it costs more than for arrays.
public struct PostgreSQLMultirange<Bound: PostgreSQLRangeBound>: Sendable {
    /// The ranges, none of them empty.
    public let ranges: [PostgreSQLRange<Bound>]

    /// The values of all these ranges: the server too sorts them, joins those that overlap or touch, and leaves out empty ones.
    public init(_ ranges: some Sequence<PostgreSQLRange<Bound>>) {
        let sorted = ranges.filter { !$0.isEmpty }.sorted { $0.begins(before: $1) }
        var joined: [PostgreSQLRange<Bound>] = []
        for range in sorted {
            if let last = joined.last, let both = last.joined(withLater: range) {
                joined[joined.count - 1] = both
            } else {
                joined.append(range)
            }
        }
        self.ranges = joined
    }

    /// Whether there are no values in it.
    public var isEmpty: Bool { ranges.isEmpty }

    /// Whether a value lies in one of the ranges.
    public func contains(_ value: Bound) -> Bool { ranges.contains { $0.contains(value) } }

    /// The same values in canonical ranges; see ``PostgreSQLRange/canonical``.
    public var canonical: Self { Self(ranges.map(\.canonical)) }
}

extension PostgreSQLMultirange: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: PostgreSQLRange<Bound>...) { self.init(elements) }
}

extension PostgreSQLMultirange: Hashable {
    /// Whether the same values lie in both.
    public static func == (left: Self, right: Self) -> Bool { left.canonical.ranges == right.canonical.ranges }

    public func hash(into hasher: inout Hasher) { hasher.combine(canonical.ranges) }
}

/// The text is that of the ranges in braces: `{[1,3),[5,7)}` (8.17.5).
extension PostgreSQLMultirange: PostgreSQLTextValue {
    /// Reads `multirange_out`'s text in one pass, then sorts.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        guard scanner.skipSpaced("{") else { return nil }
        var ranges: [PostgreSQLRange<Bound>] = []
        if !scanner.skip("}") {
            repeat {
                guard let range = PostgreSQLRange<Bound>(&scanner) else { return nil }
                ranges.append(range)
            } while scanner.skip(",")
            guard scanner.skip("}") else { return nil }
        }
        scanner.skipSpaces()
        guard scanner.isAtEnd else { return nil }
        self.init(ranges)
    }

    public var postgreSQLText: String {
        var bytes = [UInt8(ascii: "{")]
        for (index, range) in ranges.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            range.append(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension PostgreSQLRange {
    /// Of two ranges that are not empty, whether this one has values below all of the other's.
    fileprivate func begins(before other: Self) -> Bool {
        guard let theirs = other.lowerBound else { return false }
        guard let own = lowerBound else { return true }
        return own == theirs ? lower?.isInclusive == true && other.lower?.isInclusive == false : own < theirs
    }

    /// Both as one range; nil when values lie between them, or might.
    fileprivate func joined(withLater other: Self) -> Self? {
        guard let lower, let upper, let otherUpper = other.upper else { return nil }
        guard let end = upper.bound else { return self }
        if let start = other.lowerBound {
            let touches = end == start && (upper.isInclusive || other.lower?.isInclusive == true)
            guard touches || start < end else { return nil }
        }
        guard let otherEnd = otherUpper.bound else { return Self(lower: lower, upper: .unbounded) }
        let isLonger = end == otherEnd ? otherUpper.isInclusive : end < otherEnd
        return Self(lower: lower, upper: isLonger ? otherUpper : upper)
    }
}
