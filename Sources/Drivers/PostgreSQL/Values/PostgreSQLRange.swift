/// A range of values between two endpoints (PostgreSQL documentation, 8.17, "Range Types"): `int4range`, `int8range`, `numrange`,
/// `daterange`, `tsrange`, `tstzrange`, and what `CREATE TYPE … AS RANGE` makes of other types.
///
/// ```swift
/// let stay = PostgreSQLRange(arrival..<departure)
/// let clash = try await connection.query("select exists (select from booking where stay && \(stay))")
/// ```
///
/// The endpoints are kept as they are given: `[1,3]` of a `numrange` is not `[1,4)`. Equality is that of the values in the range, so
/// that of integers and of dates these two are the same. As text, instants are in UTC; the server keeps their microseconds.
public struct PostgreSQLRange<Bound: PostgreSQLRangeBound>: Sendable {
    /// Where a range begins or ends.
    public enum Endpoint: Sendable, Hashable {
        /// Nowhere. The infinities of dates, timestamps and decimals are values, and something else.
        case unbounded
        /// At this value, which belongs to the range.
        case inclusive(Bound)
        /// At this value, which does not.
        case exclusive(Bound)

        /// The value; nil without one.
        public var bound: Bound? {
            switch self {
            case .unbounded: nil
            case .inclusive(let bound), .exclusive(let bound): bound
            }
        }

        /// Whether the value belongs to the range.
        public var isInclusive: Bool {
            if case .inclusive = self { true } else { false }
        }
    }

    private enum Storage {
        case empty
        case between(Endpoint, Endpoint)
    }

    private let storage: Storage

    private init(_ storage: Storage) { self.storage = storage }

    /// A range between two endpoints; the empty one where no value can be between them, as in `(1,1]`.
    ///
    /// Returns nil when the upper bound is less than the lower one, which the server refuses too, and for bounds that cannot be
    /// compared (a double's NaN).
    public init?(lower: Endpoint, upper: Endpoint) {
        for case let bound? in [lower.bound, upper.bound] where bound != bound { return nil }
        if let low = lower.bound, let high = upper.bound {
            guard low <= high else { return nil }
            if low == high, !(lower.isInclusive && upper.isInclusive) {
                self.init(.empty)
                return
            }
        }
        self.init(.between(lower, upper))
    }

    /// The range without values.
    public static var empty: Self { Self(.empty) }
    /// The range of all values.
    public static var unbounded: Self { Self(.between(.unbounded, .unbounded)) }

    /// Whether there are no values in it.
    public var isEmpty: Bool {
        if case .empty = storage { true } else { false }
    }

    /// Where it begins; nil when it is empty.
    public var lower: Endpoint? {
        if case .between(let lower, _) = storage { lower } else { nil }
    }

    /// Where it ends; nil when it is empty.
    public var upper: Endpoint? {
        if case .between(_, let upper) = storage { upper } else { nil }
    }

    /// The value it begins at; nil when it is empty or unbounded below.
    public var lowerBound: Bound? { lower?.bound }
    /// The value it ends at; nil when it is empty or unbounded above.
    public var upperBound: Bound? { upper?.bound }

    /// Whether a value lies in it.
    public func contains(_ value: Bound) -> Bool {
        guard case .between(let lower, let upper) = storage else { return false }
        let isAbove =
            switch lower {
            case .unbounded: true
            case .inclusive(let bound): bound <= value
            case .exclusive(let bound): bound < value
            }
        let isBelow =
            switch upper {
            case .unbounded: true
            case .inclusive(let bound): value <= bound
            case .exclusive(let bound): value < bound
            }
        return isAbove && isBelow
    }

    /// The same values with a lower endpoint that is inclusive and an upper one that is exclusive, as the server writes ranges of
    /// integers and dates; of values that are not discrete, the range as it is.
    public var canonical: Self {
        guard case .between(var lower, var upper) = storage else { return self }
        if case .exclusive(let bound) = lower, let next = bound.rangeSuccessor { lower = .inclusive(next) }
        if case .inclusive(let bound) = upper, let next = bound.rangeSuccessor { upper = .exclusive(next) }
        return Self(lower: lower, upper: upper) ?? .empty
    }
}

// MARK: From and to Swift's ranges

extension PostgreSQLRange {
    /// From the lower bound up to, and without, the upper one; empty where they are equal.
    public init(_ range: Range<Bound>) {
        self = Self(lower: .inclusive(range.lowerBound), upper: .exclusive(range.upperBound)) ?? .empty
    }

    /// Both bounds and what is between them.
    public init(_ range: ClosedRange<Bound>) {
        self = Self(lower: .inclusive(range.lowerBound), upper: .inclusive(range.upperBound)) ?? .empty
    }

    /// The bound and everything above it; empty for a bound that cannot be compared.
    public init(_ range: PartialRangeFrom<Bound>) {
        self = Self(lower: .inclusive(range.lowerBound), upper: .unbounded) ?? .empty
    }

    /// Everything below the bound; empty for a bound that cannot be compared.
    public init(_ range: PartialRangeUpTo<Bound>) {
        self = Self(lower: .unbounded, upper: .exclusive(range.upperBound)) ?? .empty
    }

    /// Everything below the bound, and itself; empty for a bound that cannot be compared.
    public init(_ range: PartialRangeThrough<Bound>) {
        self = Self(lower: .unbounded, upper: .inclusive(range.upperBound)) ?? .empty
    }
}

extension Range where Bound: PostgreSQLRangeBound {
    /// The same values as Swift's half-open range; nil where that has no form for them: empty, unbounded, or with other endpoints.
    public init?(_ range: PostgreSQLRange<Bound>) {
        let canonical = range.canonical
        guard case .inclusive(let lower)? = canonical.lower, case .exclusive(let upper)? = canonical.upper,
            lower < upper
        else { return nil }
        self = lower..<upper
    }
}

extension PostgreSQLRange: Hashable {
    /// Whether the same values lie in both.
    public static func == (left: Self, right: Self) -> Bool {
        let (left, right) = (left.canonical, right.canonical)
        return left.lower == right.lower && left.upper == right.upper
    }

    public func hash(into hasher: inout Hasher) {
        let canonical = canonical
        hasher.combine(canonical.lower)
        hasher.combine(canonical.upper)
    }
}
