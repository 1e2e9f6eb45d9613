import Roost
import RoostFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes values those of a type, as they are: what would have to be rounded, cut or guessed does not fit.
struct ValueCast: Sendable {
    let type: ColumnType
    /// Whether someone asked for it, and so for what a conversion takes away by its nature: the time of day of a date.
    var isExplicit = false

    /// A value of the type, or why there is none. A reason holds nothing of the value.
    enum Outcome {
        case value(Value)
        case unfit(String)
    }

    func callAsFunction(_ value: Value) -> Outcome {
        if value.isNull { return .value(.null) }
        switch type {
        case .none, .native, .enumeration, .set: return .value(value)
        case .bool: return found(Self.bool(value))
        case .integer(let bits, let isUnsigned): return integer(value, bits, isUnsigned)
        case .year: return integer(value, 16, false)
        case .bits: return integer(value, 64, true)
        case .float, .double: return found(double(value))
        case .decimal(let precision, let scale): return decimal(value, precision, scale)
        case .text(let limit): return text(value, limit)
        case .fixedText(let count): return text(value, count)
        case .bytes:
            if case .bytes = value { return .value(value) }
            return found(Self.read(value, as: .bytes))
        case .date: return found(date(value))
        case .timestamp: return found(timestamp(value))
        case .timestampTZ: return found(instant(value))
        case .time, .timeTZ, .interval, .uuid, .json, .parsedJSON:
            let kind = type.kind ?? .text
            return value.kind == kind ? .value(value) : found(Self.read(value, as: kind))
        }
    }

    private func found(_ value: Value?) -> Outcome {
        value.map(Outcome.value) ?? .unfit("is no \(type.carriedName ?? "value of the type")")
    }

    /// What a text says, read as files are.
    private static func read(_ value: Value, as kind: ValueKind) -> Value? {
        guard case .text(var text) = value else { return nil }
        return text.withUTF8 { bytes in
            var builder = RowBatchBuilder(columnCount: 1, rowCapacity: 1)
            guard TextCell.append(UnsafeRawBufferPointer(bytes), as: kind, to: &builder) else { return nil }
            guard (try? builder.endRow()) != nil else { return nil }
            return builder.finish().value(row: 0, column: 0)
        }
    }

    // MARK: Numbers

    private static func bool(_ value: Value) -> Value? {
        switch value {
        case .bool: value
        case .int(0), .uint(0): .bool(false)
        case .int(1), .uint(1): .bool(true)
        default: read(value, as: .bool)
        }
    }

    private func integer(_ value: Value, _ bits: Int, _ isUnsigned: Bool) -> Outcome {
        let number: BigDecimal
        switch value {
        case .int(let value):
            if bits == 64, !isUnsigned { return .value(.int(value)) }
            number = BigDecimal(value)
        case .uint(let value): number = BigDecimal(value)
        case .bool(let value): number = BigDecimal(value ? 1 : 0)
        case .decimal(let value): number = value
        case .double(let value): number = BigDecimal(value)
        case .float(let value): number = BigDecimal(Double(value))
        case .text(let text):
            guard let value = BigDecimal(text) else { return .unfit("is no whole number") }
            number = value
        default: return .unfit("is no whole number")
        }
        if isUnsigned {
            guard let value = number.integer(UInt64.self) else {
                return .unfit("is no whole number of \(bits) bits without a sign")
            }
            guard bits == 64 || value >> UInt64(bits) == 0 else { return .unfit("is beyond \(bits) bits") }
            return .value(bits == 64 ? .uint(value) : .int(Int64(value)))
        }
        guard let value = number.integer(Int64.self) else { return .unfit("is no whole number of \(bits) bits") }
        guard bits >= 64 || (value >= -(1 << (bits - 1)) && value < 1 << (bits - 1)) else {
            return .unfit("is beyond \(bits) bits")
        }
        return .value(.int(value))
    }

    private func double(_ value: Value) -> Value? {
        let number: Double
        switch value {
        case .double(let value): number = value
        case .float(let value):
            if type == .float { return .float(value) }
            number = Double(value)
        case .int(let value):
            guard isExplicit || Double(exactly: value) != nil else { return nil }
            number = Double(value)
        case .uint(let value):
            guard isExplicit || Double(exactly: value) != nil else { return nil }
            number = Double(value)
        case .decimal(let value): number = value.doubleValue
        case .text:
            guard case .double(let value)? = Self.read(value, as: .double) else { return nil }
            number = value
        default: return nil
        }
        guard type == .float else { return .double(number) }
        guard isExplicit || number.isNaN || Double(Float(number)) == number else { return nil }
        return .float(Float(number))
    }

    private func decimal(_ value: Value, _ precision: Int?, _ scale: Int?) -> Outcome {
        let number: BigDecimal
        switch value {
        case .decimal(let value): number = value
        case .int(let value): number = BigDecimal(value)
        case .uint(let value): number = BigDecimal(value)
        case .double(let value): number = BigDecimal(value)
        case .float(let value): number = BigDecimal("\(value)") ?? .nan
        case .bool(let value): number = BigDecimal(value ? 1 : 0)
        case .text(let text):
            guard let value = BigDecimal(text) else { return .unfit("is no number") }
            number = value
        default: return .unfit("is no number")
        }
        guard let precision else { return .value(.decimal(number)) }
        guard number.isFinite else { return .unfit("is no finite number") }
        let parts = number.description.split(separator: ".", omittingEmptySubsequences: false)
        let whole = parts[0].filter(\.isNumber).drop { $0 == "0" }
        var places = parts.count > 1 ? parts[1][...] : ""
        while places.last == "0" { places.removeLast() }
        guard places.count <= scale ?? 0 else { return .unfit("has more than \(scale ?? 0) decimal places") }
        guard whole.count <= precision - (scale ?? 0) else {
            return .unfit("has more than \(precision - (scale ?? 0)) digits before the point")
        }
        return .value(.decimal(number))
    }

    // MARK: Texts and times

    private func text(_ value: Value, _ limit: Int?) -> Outcome {
        guard let text = value.text else { return .value(.null) }
        if let limit, text.utf8.count > limit, text.unicodeScalars.count > limit {
            return .unfit("has more than \(limit) characters")
        }
        if case .text = value { return .value(value) }
        return .value(.text(text))
    }

    private func date(_ value: Value) -> Value? {
        switch value {
        case .date: return value
        case .timestamp(let time):
            let isWhole = time.time.nanosecondsSinceMidnight == 0 && time.nanosecondRemainder == 0
            return isExplicit || isWhole ? .date(time.date) : nil
        case .timestampTZ(let time): return isExplicit ? .date(time.localDateTime(utcOffset: 0).date) : nil
        default:
            if let date = Self.read(value, as: .date) { return date }
            guard isExplicit else { return nil }
            return (Self.read(value, as: .timestamp) ?? Self.read(value, as: .timestampTZ)).flatMap(date)
        }
    }

    private func timestamp(_ value: Value) -> Value? {
        switch value {
        case .timestamp: value
        case .date(let date): .timestamp(LocalDateTime(date: date, time: LocalTime(nanosecondsSinceMidnight: 0)))
        case .timestampTZ(let time): isExplicit ? .timestamp(time.localDateTime(utcOffset: 0)) : nil
        default:
            Self.read(value, as: .timestamp) ?? Self.read(value, as: .date).flatMap(timestamp)
                ?? (isExplicit ? Self.read(value, as: .timestampTZ).flatMap(timestamp) : nil)
        }
    }

    private func instant(_ value: Value) -> Value? {
        switch value {
        case .timestampTZ: value
        case .timestamp(let time): isExplicit ? .timestampTZ(time.instant(utcOffset: 0)) : nil
        default:
            Self.read(value, as: .timestampTZ)
                ?? (isExplicit ? timestamp(value).flatMap { $0.isNull ? nil : instant($0) } : nil)
        }
    }
}
