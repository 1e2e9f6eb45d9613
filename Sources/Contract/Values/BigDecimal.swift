/// An exact decimal number of any precision (SQL `NUMERIC`, `DECIMAL`).
public struct BigDecimal: Sendable, Hashable {
    /// The number's text in plain notation, `NaN`, `Infinity` or `-Infinity`.
    var digits: String

    /// Zero.
    public static let zero = BigDecimal(digits: "0")

    init(digits: String) {
        self.digits = digits
    }
}

extension BigDecimal: CustomStringConvertible {
    /// The text.
    public var description: String { digits }
    /// From text.
    public init?(_ text: String) { self.init(digits: text) }
}
