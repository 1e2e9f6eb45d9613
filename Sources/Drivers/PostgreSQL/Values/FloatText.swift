/// Floating-point numbers as `float8out` and `float4out` write them (PostgreSQL documentation, 8.1.3): the digits Swift finds, with
/// exponents where PostgreSQL has them.
enum FloatText {
    /// - Parameter limit: from which decimal exponent on there is one.
    static func text<Number: BinaryFloatingPoint & CustomStringConvertible>(of number: Number, fixedBelow limit: Int)
        -> String
    {
        if number.isNaN { return "NaN" }
        let sign = number.sign == .minus ? "-" : ""
        if number.isInfinite { return sign + "Infinity" }
        if number.isZero { return sign + "0" }
        let parts = number.magnitude.description.split(separator: "e", maxSplits: 1)
        guard let mantissa = parts.first else { return number.description }
        let shift = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        let halves = mantissa.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = halves[0].utf8.count
        var digits = mantissa.utf8.filter { $0 != UInt8(ascii: ".") }
        while digits.count > 1, digits.last == 48 { digits.removeLast() }
        let zeros = digits.prefix { $0 == 48 }.count
        digits.removeFirst(zeros)
        // Where the decimal point stands after the first digit.
        let exponent = shift + whole - zeros - 1
        let text = String(decoding: digits, as: UTF8.self)
        guard exponent >= -4, exponent < limit else {
            let power = String(exponent.magnitude)
            return sign + text.prefix(1) + (text.utf8.count > 1 ? "." : "") + text.dropFirst()
                + (exponent < 0 ? "e-" : "e+") + (power.utf8.count < 2 ? "0" : "") + power
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + text }
        let padding = max(exponent + 1 - text.utf8.count, 0)
        let padded = text + String(repeating: "0", count: padding)
        let fraction = padded.dropFirst(exponent + 1)
        return sign + padded.prefix(exponent + 1) + (fraction.isEmpty ? "" : "." + fraction)
    }
}
