public import Roost

/// Reads one JSON object a line (NDJSON): each member is a column by its name, a missing one `NULL`.
public struct NDJSONReader: RecordReader {
    /// The columns; of a reader made without them, the members of the first object.
    public private(set) var columnNames: [String]?
    /// What the first object's members are, for those who made the reader without columns.
    public private(set) var firstKinds: [JSONScanner.Kind] = []

    private let maximumRecordBytes: Int
    private var bytes: [UInt8] = []
    private var index = 0
    private var offset = 0
    /// Up to where no line ends.
    private var searched = 0
    /// The line of the text that the next record begins in, from 1.
    public private(set) var line = 1
    private var isOver = false
    private var positions: [String: Int] = [:]
    private var members: [(kind: JSONScanner.Kind, range: Range<Int>)?] = []
    private var scratch: [UInt8] = []

    /// A reader.
    ///
    /// - Parameter columns: the members there may be; nil takes those of the first object.
    public init(columns: [String]? = nil, maximumRecordBytes: Int = RecordLimits.recordBytes) {
        self.maximumRecordBytes = maximumRecordBytes
        if let columns { accept(columns) }
    }

    private mutating func accept(_ names: [String]) {
        columnNames = names
        positions = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    public mutating func append(_ more: UnsafeRawBufferPointer) {
        if index > 0 {
            bytes.removeFirst(index)
            offset += index
            searched = max(searched - index, 0)
            index = 0
        }
        bytes.append(contentsOf: more)
    }

    public mutating func end() { isOver = true }

    /// The next line that is not empty; nil when more is needed, or at the end.
    private mutating func nextLine() throws(ReadingFailure) -> Range<Int>? {
        while true {
            let given = bytes.count - index
            let found = bytes[max(index, searched)...].firstIndex(of: 0x0A)
            searched = found ?? bytes.count
            guard let end = found ?? (isOver && given > 0 ? bytes.count : nil) else {
                if given > maximumRecordBytes {
                    throw failure("the line is longer than \(maximumRecordBytes) bytes", at: index)
                }
                return nil
            }
            let start = index
            if bytes[start..<end].contains(where: { $0 > 0x20 }) { return start..<end }
            pass(end)
        }
    }

    private mutating func pass(_ end: Int) {
        index = min(end + 1, bytes.count)
        line += 1
    }

    private func failure(_ reason: String, at position: Int) -> ReadingFailure {
        ReadingFailure(line: line, column: position - index + 1, byteOffset: offset + position, reason: reason)
    }

    public mutating func readHeader() throws(ReadingFailure) -> Bool {
        guard columnNames == nil else { return true }
        guard let range = try nextLine() else {
            if isOver { accept([]) }
            return isOver
        }
        var names: [String] = []
        var kinds: [JSONScanner.Kind] = []
        try forEachMember(of: range) { name, kind, _ in
            names.append(name)
            kinds.append(kind)
            return nil
        }
        accept(names)
        firstKinds = kinds
        return true
    }

    /// Calls `body` with the name, kind and place of each member; what it returns is what is wrong with it.
    private func forEachMember(
        of range: Range<Int>,
        _ body: (String, JSONScanner.Kind, Range<Int>) -> String?
    ) throws(ReadingFailure) {
        let problem = bytes.withUnsafeBytes { (text) -> (String, Int)? in
            let line = UnsafeRawBufferPointer(rebasing: text[range])
            guard TextCell.isUTF8(line) else { return ("the line is not UTF-8", 0) }
            var scanner = JSONScanner(line)
            guard scanner.skip(0x7B) else { return ("an object was expected", scanner.index) }
            var name: [UInt8] = []
            if !scanner.skip(0x7D) {
                repeat {
                    name.removeAll(keepingCapacity: true)
                    let start = scanner.index
                    guard scanner.readString(into: &name), scanner.skip(0x3A) else {
                        return ("a member's name was expected", start)
                    }
                    guard let kind = scanner.nextKind, let place = scanner.skipValue() else {
                        return ("a value was expected", scanner.index)
                    }
                    if let problem = body(String(decoding: name, as: UTF8.self), kind, place) {
                        return (problem, start)
                    }
                } while scanner.skip(0x2C)
                guard scanner.skip(0x7D) else { return ("the object does not end", scanner.index) }
            }
            return scanner.isAtEnd ? nil : ("something follows the object", scanner.index)
        }
        if let (reason, position) = problem { throw failure(reason, at: range.lowerBound + position) }
    }

    public mutating func readRecord(
        into builder: inout RowBatchBuilder,
        as kinds: [ValueKind]
    ) throws(ReadingFailure) -> RecordOutcome {
        guard let range = try nextLine() else { return isOver ? .end : .needsInput }
        defer { pass(range.upperBound) }
        do throws(ReadingFailure) {
            try readLine(range, into: &builder, as: kinds)
        } catch {
            var failure = error
            failure.isOfOneRecord = true
            throw failure
        }
        return .row
    }

    private mutating func readLine(
        _ range: Range<Int>,
        into builder: inout RowBatchBuilder,
        as kinds: [ValueKind]
    ) throws(ReadingFailure) {
        var members = members
        members.removeAll(keepingCapacity: true)
        members.append(contentsOf: repeatElement(nil, count: kinds.count))
        try forEachMember(of: range) { name, kind, place in
            guard let position = positions[name], position < kinds.count else {
                return "there is no column \"\(name)\""
            }
            guard members[position] == nil else { return "the member \"\(name)\" stands there twice" }
            members[position] = (kind, place)
            return nil
        }
        self.members = members
        for column in 0..<kinds.count {
            guard let (kind, place) = members[column] else {
                builder.appendNull()
                continue
            }
            let value = (range.lowerBound + place.lowerBound)..<(range.lowerBound + place.upperBound)
            guard append(value, kind, as: kinds[column], to: &builder) else {
                builder.abandonRow()
                let name = columnNames.map { " \"\($0[column])\"" } ?? ""
                throw failure("member\(name) is not \(kinds[column])", at: value.lowerBound)
            }
        }
        do throws(DatabaseError) {
            try builder.endRow()
        } catch {
            throw failure(error.message, at: range.lowerBound)
        }
    }

    private mutating func append(
        _ range: Range<Int>,
        _ found: JSONScanner.Kind,
        as kind: ValueKind,
        to builder: inout RowBatchBuilder
    ) -> Bool {
        scratch.removeAll(keepingCapacity: true)
        return bytes.withUnsafeBytes { text in
            let value = UnsafeRawBufferPointer(rebasing: text[range])
            if kind == .json {
                if found == .null { builder.appendNull() } else { builder.append(.json, copying: value) }
                return true
            }
            switch found {
            case .null:
                builder.appendNull()
                return true
            case .string:
                var scanner = JSONScanner(value)
                guard scanner.readString(into: &scratch) else { return false }
                return scratch.withUnsafeBytes { TextCell.append($0, as: kind, to: &builder) }
            case .bool:
                guard kind == .bool || kind == .text else { return false }
                return TextCell.append(value, as: kind, to: &builder)
            case .number:
                return TextCell.append(value, as: kind, to: &builder)
            case .object, .array:
                guard kind == .text else { return false }
                builder.append(.text, copying: value)
                return true
            }
        }
    }
}
