import Crypto
import Roost
import RoostPipelineDefinition

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A mask with its secret at hand.
struct Masking: Sendable {
    private enum Form: Sendable {
        case hash
        case hmac(SymmetricKey)
        case redact(String)
        case partial(first: Int, last: Int)
        case shift(days: Int, SymmetricKey)
    }

    private let form: Form
    /// The column by which dates are moved.
    let by: String?

    /// A mask.
    ///
    /// - Parameter secret: gives a secret by its name.
    init(_ mask: ColumnRule.Mask, secret: (String) throws(DatabaseError) -> Secret) throws(DatabaseError) {
        func key(_ name: String) throws(DatabaseError) -> SymmetricKey {
            let text = try secret(name).reveal()
            guard text.utf8.count >= 8 else {
                throw DatabaseError(
                    .interface,
                    .invalidConfiguration,
                    "The secret \(name) has fewer than 8 characters, which anybody can try out."
                )
            }
            return SymmetricKey(data: Data(text.utf8))
        }
        var column: String?
        switch mask {
        case .hash: form = .hash
        case .hmac(let name): form = .hmac(try key(name))
        case .redact(let text): form = .redact(text)
        case .partial(let first, let last):
            guard (0...Int(Int32.max)).contains(first), (0...Int(Int32.max)).contains(last) else {
                throw Self.invalid("The mask partial shows a number of characters that is none.")
            }
            form = .partial(first: first, last: last)
        case .dateShift(let days, let name, let by):
            guard (1...100_000).contains(days) else {
                throw Self.invalid("The mask date-shift moves by 1 to 100,000 days.")
            }
            form = .shift(days: days, try key(name))
            column = by
        }
        by = column
    }

    private static func invalid(_ message: String) -> DatabaseError {
        DatabaseError(.interface, .invalidConfiguration, message)
    }

    /// The type of what comes out.
    func type(of type: ColumnType) -> ColumnType {
        switch form {
        case .hash, .hmac: .text(limit: 64)
        case .partial: .text(limit: nil)
        case .redact:
            switch type {
            case .text, .fixedText, .enumeration, .set, .none, .native: .text(limit: nil)
            default: type
            }
        case .shift: type
        }
    }

    /// The value as it may be seen.
    ///
    /// - Parameter other: the value by which a date is moved.
    func callAsFunction(_ value: Value, by other: Value?) -> Value {
        guard let text = value.text else { return .null }
        switch form {
        case .hash: return .text(Self.hex(SHA256.hash(data: Data(text.utf8))))
        case .hmac(let key): return .text(Self.hex(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)))
        case .redact(let replacement):
            if case .text = value { return .text(replacement) }
            return .null
        case .partial(let first, let last):
            let characters = Array(text)
            // What is too short to hide anything is hidden as a whole.
            guard characters.count > first + last else { return .text(String(repeating: "*", count: characters.count)) }
            let stars = String(repeating: "*", count: characters.count - first - last)
            return .text(String(characters.prefix(first)) + stars + String(characters.suffix(last)))
        case .shift(let days, let key):
            let code = HMAC<SHA256>.authenticationCode(for: Data((other?.text ?? "").utf8), using: key)
            let number = code.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            // Never by nothing.
            let offset = Int(number % UInt64(2 * days)) - days
            return Self.moved(value, days: offset < 0 ? offset : offset + 1)
        }
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// A date or time so many days later. Infinite ones stay; what is neither has no date to keep and becomes `NULL`.
    private static func moved(_ value: Value, days: Int) -> Value {
        func later(_ microseconds: Int64) -> Int64 {
            let (sum, overflow) = microseconds.addingReportingOverflow(Int64(days) * 86_400_000_000)
            return overflow ? microseconds : sum
        }
        switch value {
        case .date(let date):
            guard date.isFinite else { return value }
            return .date(LocalDate(daysSinceEpoch: Int32(clamping: Int(date.daysSinceEpoch) + days)))
        case .timestamp(var time):
            if time.isFinite { time.microsecondsSinceEpoch = later(time.microsecondsSinceEpoch) }
            return .timestamp(time)
        case .timestampTZ(var time):
            if time.isFinite { time.microsecondsSinceEpoch = later(time.microsecondsSinceEpoch) }
            return .timestampTZ(time)
        case .text(let text):
            // Files and SQLite keep dates as texts.
            if let date = LocalDate(text) { return .text(moved(.date(date), days: days).text ?? "") }
            if let time = LocalDateTime(text) { return .text(moved(.timestamp(time), days: days).text ?? "") }
            if let time = Instant(text) { return .text(moved(.timestampTZ(time), days: days).text ?? "") }
            return .null
        default: return .null
        }
    }
}
