import Foundation
public import Roost

/// The form in which Roost and another client say what a value is: numbers in full, doubles as their bits, texts and bytes in
/// hexadecimal, times as microseconds, dates as days since 1970-01-01, intervals as months/days/microseconds.
public enum CanonicalForm {
    /// Bytes in hexadecimal.
    public static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bits(_ number: Double) -> String {
        number.isNaN ? "nan" : hex(withUnsafeBytes(of: number.bitPattern.bigEndian) { Array($0) })
    }

    private static func micros(_ micros: Int64) -> String {
        micros == .max ? "infinity" : micros == .min ? "-infinity" : "\(micros)"
    }

    /// The form both sides print.
    public static func of(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .int(let number): "\(number)"
        case .uint(let number): "\(number)"
        case .float(let number): bits(Double(number))
        case .double(let number): bits(number)
        case .decimal(let number): number.description
        case .bytes(let bytes): hex(bytes)
        case .text(let text): hex(text.utf8)
        case .date(let date):
            date == .infinity ? "infinity" : date == .negativeInfinity ? "-infinity" : "\(date.daysSinceEpoch)"
        case .time(let time): "\(time.nanosecondsSinceMidnight / 1_000)"
        case .timeTZ(let time): "\(time.time.nanosecondsSinceMidnight / 1_000)@\(time.utcOffset)"
        case .timestamp(let time): micros(time.microsecondsSinceEpoch)
        case .timestampTZ(let time): micros(time.microsecondsSinceEpoch)
        case .interval(let interval): "\(interval.months)/\(interval.days)/\(interval.microseconds)"
        case .uuid(let uuid): uuid.uuidString.lowercased()
        case .json(let json): canonical(json)
        case .array(let elements): "[" + elements.map(of).joined(separator: ",") + "]"
        case .object: "an object"
        }
    }

    private static func canonical(_ json: JSON) -> String {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json.text.utf8), options: .fragmentsAllowed),
            let data = try? JSONSerialization.data(
                withJSONObject: object,
                options: [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes]
            )
        else { return "not JSON" }
        return String(decoding: data, as: UTF8.self)
    }
}
