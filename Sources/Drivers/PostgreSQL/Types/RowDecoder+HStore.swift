import Roost

/// `hstore` becomes a JSON object of texts and nulls.
extension RowDecoder {
    /// Binary format (`hstore_send`): a count, then keys and values with their lengths; -1 for NULL.
    static func appendHStore(
        _ value: UnsafeRawBufferPointer,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        var reader = MessageReader(value)
        guard let count = reader.integer(Int32.self), count >= 0, Int(count) <= reader.remaining / 8 else {
            throw malformed
        }
        var json = JSONObjectText()
        for _ in 0..<count {
            guard let keyLength = reader.integer(Int32.self), keyLength >= 0, let key = reader.bytes(Int(keyLength)),
                let valueLength = reader.integer(Int32.self)
            else { throw malformed }
            var text: UnsafeRawBufferPointer?
            if valueLength >= 0 {
                guard let bytes = reader.bytes(Int(valueLength)) else { throw malformed }
                text = bytes
            }
            json.append(key.map { $0 }, text?.map { $0 })
        }
        guard reader.remaining == 0 else { throw malformed }
        json.finished.withUnsafeBytes { builder.append(.json, copying: $0) }
    }

    /// Text format: `"a"=>"1", "b"=>NULL`.
    static func appendHStoreText(
        _ value: UnsafeRawBufferPointer,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        var json = JSONObjectText()
        var index = 0
        func next() -> UInt8? { index < value.count ? value[index] : nil }
        func quoted() -> [UInt8]? {
            guard next() == UInt8(ascii: "\"") else { return nil }
            index += 1
            var text: [UInt8] = []
            while let byte = next() {
                index += 1
                if byte == UInt8(ascii: "\"") { return text }
                if byte == UInt8(ascii: "\\") {
                    guard let escaped = next() else { return nil }
                    index += 1
                    text.append(escaped)
                } else {
                    text.append(byte)
                }
            }
            return nil
        }
        func take(_ word: String) -> Bool {
            guard value.count - index >= word.utf8.count,
                value[index..<(index + word.utf8.count)].elementsEqual(word.utf8)
            else { return false }
            index += word.utf8.count
            return true
        }
        while index < value.count {
            guard let key = quoted(), take("=>") else { throw malformed }
            if take("NULL") {
                json.append(key, nil)
            } else {
                guard let text = quoted() else { throw malformed }
                json.append(key, text)
            }
            guard index == value.count || take(", ") else { throw malformed }
        }
        json.finished.withUnsafeBytes { builder.append(.json, copying: $0) }
    }
}

/// Writes a JSON object of texts and nulls.
private struct JSONObjectText {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    mutating func append(_ key: [UInt8], _ value: [UInt8]?) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        append(text: key)
        bytes.append(UInt8(ascii: ":"))
        if let value { append(text: value) } else { bytes.append(contentsOf: "null".utf8) }
    }

    private mutating func append(text: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    var finished: [UInt8] { bytes + [UInt8(ascii: "}")] }
}
