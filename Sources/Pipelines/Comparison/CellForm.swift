import Roost
import RoostFormats

/// In which form the values of a column are compared, so that engines' ways of keeping the same value make no difference and nothing else
/// is overlooked.
enum CellForm: Sendable {
    /// By the cell's own kind.
    case plain
    /// Exact numbers: `1`, `1.00` and true are one; a double is the shortest decimal that reads back as it.
    case number
    /// Floating-point numbers by their bits: −0.0 is not 0.0, any NaN is NaN.
    case double
    /// JSON by what it means; an array beside texts is one.
    case json
    /// Text padded with blanks by one side.
    case padded

    init(_ first: ColumnDescription, _ second: ColumnDescription) {
        let numbers: Set<ValueKind> = [.bool, .int, .uint, .decimal, .float, .double]
        let floating: Set<ValueKind> = [.float, .double]
        self =
            switch (first.kind, second.kind) {
            case (let one?, let two?) where floating.contains(one) && floating.contains(two): .double
            case (let one?, let two?) where numbers.contains(one) && numbers.contains(two): .number
            case (.json?, _), (_, .json?), (.array?, .text?), (.text?, .array?): .json
            case (.text?, .text?) where Self.isPadded(first) || Self.isPadded(second): .padded
            default: .plain
            }
    }

    private static func isPadded(_ column: ColumnDescription) -> Bool {
        let name = (column.typeName ?? "").lowercased()
        return name == "char" || name == "bpchar" || ["char(", "character(", "bpchar("].contains { name.hasPrefix($0) }
    }

    /// What the parts of the digest begin with, so that values of different kinds differ.
    private enum Tag {
        static let null: UInt64 = 1
        static let integer: UInt64 = 2
        static let decimal: UInt64 = 3
        static let text: UInt64 = 4
        static let bytes: UInt64 = 5
        static let date: UInt64 = 6
        static let time: UInt64 = 7
        static let timestamp: UInt64 = 8
        static let interval: UInt64 = 9
        static let json: UInt64 = 10
        static let double: UInt64 = 11
        static let timeTZ: UInt64 = 12
    }

    /// Adds a cell to a digest.
    @inline(__always)
    func mix(_ cell: Cell, heap: UnsafeRawPointer, into digest: inout RowDigest) {
        switch (self, cell.kind) {
        case (_, .null): digest.mix(Tag.null)
        case (.plain, .int), (.number, .int):
            digest.mix(Tag.integer)
            digest.mix(cell.payload)
        case (.plain, .text):
            digest.mix(Tag.text)
            digest.mix(Self.bytes(cell, heap))
        case (.double, .double), (.plain, .double): mix(Double(bitPattern: cell.payload), &digest)
        case (_, .timestamp), (_, .timestampTZ):
            digest.mix(Tag.timestamp)
            digest.mix(cell.payload)
            digest.mix(UInt64(cell.extra))
        default: mixOther(cell, heap, &digest)
        }
    }

    private static func bytes(_ cell: Cell, _ heap: UnsafeRawPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: heap + Int(truncatingIfNeeded: cell.payload), count: Int(cell.length))
    }

    private func mix(_ number: Double, _ digest: inout RowDigest) {
        digest.mix(Tag.double)
        digest.mix(number.isNaN ? Double.nan.bitPattern : number.bitPattern)
    }

    @inline(never)
    private func mixOther(_ cell: Cell, _ heap: UnsafeRawPointer, _ digest: inout RowDigest) {
        let number = Int64(bitPattern: cell.payload)
        switch (self, cell.kind) {
        case (.double, .int): mix(Double(number), &digest)
        case (.double, .float), (.plain, .float):
            mix(Double(Float(bitPattern: UInt32(truncatingIfNeeded: cell.payload))), &digest)
        case (.double, .decimal):
            mix(Double(String(decoding: Self.bytes(cell, heap), as: UTF8.self)) ?? .nan, &digest)
        case (_, .bool), (_, .uint), (_, .decimal), (.number, .float), (.number, .double), (_, .int):
            mixNumber(cell, heap, &digest)
        case (_, .float), (_, .double): mix(Double(bitPattern: cell.payload), &digest)
        case (.json, .text), (_, .json): mixJSON(Self.bytes(cell, heap), &digest)
        case (_, .text):
            var bytes = Self.bytes(cell, heap)[...]
            if case .padded = self { while bytes.last == 0x20 { bytes.removeLast() } }
            digest.mix(Tag.text)
            digest.mix(UnsafeRawBufferPointer(rebasing: bytes))
        case (_, .bytes):
            digest.mix(Tag.bytes)
            digest.mix(Self.bytes(cell, heap))
        case (_, .date):
            digest.mix(Tag.date)
            digest.mix(cell.payload)
        case (_, .time):
            digest.mix(Tag.time)
            digest.mix(cell.payload)
        case (_, .timeTZ):
            digest.mix(Tag.timeTZ)
            digest.mix(cell.payload)
            digest.mix(UInt64(cell.length))
        case (_, .interval):
            digest.mix(Tag.interval)
            digest.mix(Self.bytes(cell, heap))
        case (_, .uuid):
            // Engines without the type keep its text.
            digest.mix(Tag.text)
            digest.mix(Array((CellView.value(of: cell, heap: heap).text ?? "").utf8))
        case (_, .array), (_, .object):
            Array((CellView.value(of: cell, heap: heap).text ?? "").utf8).withUnsafeBytes { mixJSON($0, &digest) }
        default: digest.mix(Tag.null)
        }
    }

    private func mixNumber(_ cell: Cell, _ heap: UnsafeRawPointer, _ digest: inout RowDigest) {
        let text: [UInt8]
        switch cell.kind {
        case .decimal: text = NumberText.canonical(Self.bytes(cell, heap))
        case .double: text = NumberText.canonical(BigDecimal(Double(bitPattern: cell.payload)).description.utf8)
        case .float:
            // The shortest text of a float is not that of the double it becomes.
            let number = Float(bitPattern: UInt32(truncatingIfNeeded: cell.payload))
            text = NumberText.canonical((BigDecimal("\(number)") ?? .nan).description.utf8)
        case .uint where cell.payload > UInt64(Int64.max): text = Array(String(cell.payload).utf8)
        default:
            digest.mix(Tag.integer)
            return digest.mix(cell.payload)
        }
        if let number = Int64(String(decoding: text, as: UTF8.self)) {
            digest.mix(Tag.integer)
            digest.mix(UInt64(bitPattern: number))
        } else {
            digest.mix(Tag.decimal)
            digest.mix(text)
        }
    }

    private func mixJSON(_ bytes: UnsafeRawBufferPointer, _ digest: inout RowDigest) {
        digest.mix(Tag.json)
        if let canonical = JSONScanner.canonical(bytes) { digest.mix(canonical) } else { digest.mix(bytes) }
    }
}
