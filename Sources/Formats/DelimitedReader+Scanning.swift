extension DelimitedReader {
    private enum Stop: Error {
        case needsInput
        case failure(Failure)
    }

    /// Finds the values of the next record.
    mutating func scan() throws(Failure) -> RecordOutcome {
        fields.removeAll(keepingCapacity: true)
        unescaped.removeAll(keepingCapacity: true)
        if isAtStart {
            guard bytes.count >= 3 || isOver else { return .needsInput }
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
            isAtStart = false
        }
        guard passLine() else { return .needsInput }
        guard index < bytes.count else { return isOver ? .end : .needsInput }
        let given = bytes.count - index
        if given < nextTryBytes, given <= maximumRecordBytes, !isOver { return .needsInput }
        let (lineBefore, lineStartBefore) = (line, lineStart)
        do throws(Stop) {
            index = try scanRecord()
            nextTryBytes = 0
            return .row
        } catch {
            switch error {
            case .failure(let failure):
                nextTryBytes = 0
                if failure.isOfOneRecord {
                    index = failure.byteOffset - offset
                    isPassingLine = true
                    // At once: whoever asks for the next record's line shall hear where that one begins.
                    _ = passLine()
                }
                throw failure
            case .needsInput:
                (line, lineStart) = (lineBefore, lineStartBefore)
                guard given <= maximumRecordBytes else {
                    throw failure("the record is longer than \(maximumRecordBytes) bytes", at: index)
                }
                nextTryBytes = given < 1 << 20 ? 0 : given * 2
                return .needsInput
            }
        }
    }

    /// Goes behind the line that a broken record is in; false when more is needed for that.
    mutating func passLine() -> Bool {
        guard isPassingLine else { return true }
        let end = bytes[index...].firstIndex { $0 == 0x0A || $0 == 0x0D }
        index = end ?? bytes.count
        guard let end else {
            isPassingLine = !isOver
            return isOver
        }
        let isReturn = bytes[end] == 0x0D
        if isReturn, end + 1 == bytes.count, !isOver { return false }
        index = isReturn && end + 1 < bytes.count && bytes[end + 1] == 0x0A ? end + 2 : end + 1
        line += 1
        lineStart = offset + index
        isPassingLine = false
        return true
    }

    /// The failure at a place in ``bytes``.
    func failure(_ reason: String, at position: Int, isOfOneRecord: Bool = false) -> Failure {
        let place = offset + position
        return Failure(
            line: line,
            column: max(place - lineStart, 0) + 1,
            byteOffset: place,
            reason: reason,
            isOfOneRecord: isOfOneRecord
        )
    }

    /// Takes the values of one record and returns where the next one begins.
    private mutating func scanRecord() throws(Stop) -> Int {
        let (separator, quote, isTSV, isOver) = (separator, quote, isTSV, isOver)
        // A copy of the reference, so that the text can be read while the fields are written.
        let text = bytes
        var position = index
        let outcome = text.withUnsafeBufferPointer { (text) -> Result<Int, Stop> in
            do throws(Stop) {
                while true {
                    if !isTSV, position < text.count, text[position] == quote {
                        position = try quotedValue(text, position)
                    } else if isTSV {
                        position = try escapedValue(text, position)
                    } else {
                        let start = position
                        while position < text.count {
                            let byte = text[position]
                            if byte == separator || byte == 0x0A || byte == 0x0D { break }
                            if byte == quote {
                                throw .failure(
                                    failure(
                                        "a quote stands inside an unquoted value",
                                        at: position,
                                        isOfOneRecord: true
                                    )
                                )
                            }
                            position += 1
                        }
                        if position == text.count, !isOver { throw .needsInput }
                        fields.append(
                            Field(
                                place: position == start ? .null : .text,
                                start: start,
                                count: position - start,
                                position: start
                            )
                        )
                    }
                    guard position < text.count else { return .success(position) }
                    let byte = text[position]
                    position += 1
                    if byte == separator { continue }
                    if byte == 0x0D {
                        if position == text.count, !isOver { throw .needsInput }
                        if position < text.count, text[position] == 0x0A { position += 1 }
                    }
                    line += 1
                    lineStart = offset + position
                    return .success(position)
                }
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// A value in quotes; returns where it ends.
    private mutating func quotedValue(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) throws(Stop) -> Int {
        let (lineBefore, lineStartBefore) = (line, lineStart)
        var position = start + 1
        // Where what was not copied yet begins: only values with quotes inside are copied.
        var pending = position
        let first = unescaped.count
        while true {
            guard position < text.count else {
                guard isOver else { throw .needsInput }
                (line, lineStart) = (lineBefore, lineStartBefore)
                throw .failure(failure("a quote is not closed", at: start))
            }
            let byte = text[position]
            position += 1
            if byte == 0x0A {
                line += 1
                lineStart = offset + position
            }
            guard byte == quote else { continue }
            if position < text.count, text[position] == quote {
                unescaped.append(contentsOf: text[pending..<position])
                position += 1
                pending = position
                continue
            }
            if position == text.count, !isOver { throw .needsInput }
            let end = position - 1
            if position < text.count {
                let next = text[position]
                guard next == separator || next == 0x0A || next == 0x0D else {
                    throw .failure(failure("something follows a closing quote", at: position, isOfOneRecord: true))
                }
            }
            if unescaped.count == first {
                fields.append(Field(place: .text, start: start + 1, count: end - start - 1, position: start))
            } else {
                unescaped.append(contentsOf: text[pending..<end])
                fields.append(
                    Field(place: .unescaped, start: first, count: unescaped.count - first, position: start)
                )
            }
            return position
        }
    }

    /// A value of PostgreSQL's text format; returns where it ends.
    private mutating func escapedValue(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) throws(Stop) -> Int {
        var position = start
        var pending = start
        let first = unescaped.count
        var isNull = false
        while position < text.count {
            let byte = text[position]
            if byte == separator || byte == 0x0A || byte == 0x0D { break }
            position += 1
            guard byte == 0x5C else { continue }
            guard position < text.count else {
                if isOver { break }
                throw .needsInput
            }
            let escaped = text[position]
            position += 1
            if escaped == UInt8(ascii: "N"), position - start == 2 {
                isNull = true
                continue
            }
            unescaped.append(contentsOf: text[pending..<(position - 2)])
            pending = position
            switch escaped {
            case UInt8(ascii: "t"): unescaped.append(0x09)
            case UInt8(ascii: "n"): unescaped.append(0x0A)
            case UInt8(ascii: "r"): unescaped.append(0x0D)
            case UInt8(ascii: "b"): unescaped.append(0x08)
            case UInt8(ascii: "f"): unescaped.append(0x0C)
            case UInt8(ascii: "v"): unescaped.append(0x0B)
            default: unescaped.append(escaped)
            }
        }
        if position == text.count, !isOver { throw .needsInput }
        if isNull, position - start == 2 {
            fields.append(Field(place: .null, start: start, count: 0, position: start))
        } else if unescaped.count == first {
            // `\N` with something behind it stands for an N.
            let skipped = isNull ? 1 : 0
            fields.append(
                Field(place: .text, start: start + skipped, count: position - start - skipped, position: start)
            )
        } else {
            unescaped.append(contentsOf: text[pending..<position])
            fields.append(Field(place: .unescaped, start: first, count: unescaped.count - first, position: start))
        }
        return position
    }
}
