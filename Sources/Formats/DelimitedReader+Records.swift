public import Roost

extension DelimitedReader: RecordReader {
    public mutating func append(_ more: UnsafeRawBufferPointer) {
        if index > 0 {
            bytes.removeFirst(index)
            offset += index
            index = 0
        }
        bytes.append(contentsOf: more)
        _ = passLine()
    }

    public mutating func end() {
        isOver = true
        _ = passLine()
    }

    public mutating func readHeader() throws(ReadingFailure) -> Bool {
        guard hasHeader, columnNames == nil else { return true }
        let (start, firstLine, firstLineStart) = (index, line, lineStart)
        func failure(_ reason: String, at position: Int) -> ReadingFailure {
            failed(reason, at: position, line: firstLine, lineStart: firstLineStart)
        }
        switch try scan() {
        case .needsInput: return false
        case .end: throw failure("the text is empty; a header was expected", at: start)
        case .row: break
        }
        var names: [String] = []
        for field in fields {
            let name = withBytes(of: field) { String(validating: $0, as: UTF8.self) }
            guard let name, !name.isEmpty else {
                throw failure("the header's name \(names.count + 1) is empty or not UTF-8", at: field.position)
            }
            guard !names.contains(name) else {
                throw failure("the header names \"\(name)\" twice", at: field.position)
            }
            names.append(name)
        }
        columnNames = names
        return true
    }

    /// A mistake in a record that is read already: its place is counted from the first of its lines.
    private func failed(_ reason: String, at position: Int, line: Int, lineStart: Int) -> ReadingFailure {
        let place = offset + position
        return ReadingFailure(
            line: line,
            column: place - lineStart + 1,
            byteOffset: place,
            reason: reason,
            isOfOneRecord: true
        )
    }

    private func withBytes<R>(of field: Field, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let range = field.start..<(field.start + field.count)
        switch field.place {
        case .null: return body(UnsafeRawBufferPointer(start: nil, count: 0))
        case .text: return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
        case .unescaped: return unescaped.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
        }
    }

    public mutating func readRecord(
        into builder: inout RowBatchBuilder,
        as kinds: [ValueKind]
    ) throws(ReadingFailure) -> RecordOutcome {
        let (start, firstLine, firstLineStart) = (index, line, lineStart)
        let outcome = try scan()
        guard case .row = outcome else { return outcome }
        func failure(_ reason: String, _ position: Int) -> ReadingFailure {
            failed(reason, at: position, line: firstLine, lineStart: firstLineStart)
        }
        guard fields.count == kinds.count else {
            throw failure("\(fields.count) values where \(kinds.count) are expected", start)
        }
        let malformed = bytes.withUnsafeBytes { text in
            unescaped.withUnsafeBytes { unescaped -> Int? in
                for column in 0..<kinds.count {
                    let field = fields[column]
                    let source: UnsafeRawBufferPointer
                    switch field.place {
                    case .null:
                        builder.appendNull()
                        continue
                    case .text: source = text
                    case .unescaped: source = unescaped
                    }
                    let value = UnsafeRawBufferPointer(rebasing: source[field.start..<(field.start + field.count)])
                    if !TextCell.append(value, as: kinds[column], to: &builder) { return column }
                }
                return nil
            }
        }
        if let column = malformed {
            builder.abandonRow()
            let name = columnNames.map { " \"\($0[column])\"" } ?? ""
            let kind = kinds[column] == .text ? "UTF-8" : "\(kinds[column])"
            throw failure("value \(column + 1)\(name) is not \(kind)", fields[column].position)
        }
        do throws(DatabaseError) {
            try builder.endRow()
        } catch {
            throw failure(error.message, start)
        }
        return .row
    }
}
