import NIOCore
import Roost

@testable import RoostMySQL

private let codecs: [CellCodec] = [
    .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float, .double, .decimal, .text, .bytes, .json,
    .bit, .uuid, .vector, .date, .time, .dateTime, .timestamp, .null, .encoded(8), .encoded(35), .encoded(54),
    .encoded(56), .encoded(60), .encoded(11), .encoded(28), .encoded(63),
]

/// A row of one column, read in one of the formats, with its value bound again.
func fuzzValue(_ bytes: UnsafeRawBufferPointer, _ detail: UInt8, isBinary: Bool) {
    let codec = codecs[Int(detail) % codecs.count]
    let policy: MySQLConfiguration.ZeroDates = [.error, .null, .text][Int(detail) / 32 % 3]
    // Whole rows go the same way: several columns of this type, and a bitmap that says which are NULL.
    var decoder = RowDecoder([codec, .text, codec], isBinary: isBinary, zeroDates: policy)
    if (try? decoder.decodeRow(bytes)) != nil {
        let batch = decoder.takeBatch()
        for column in 0..<3 { _ = batch.value(row: 0, column: column)?.text }
    }
    guard let batch = decode(bytes, codec, policy, isBinary: isBinary),
        let value = batch.value(row: 0, column: 0)
    else { return }
    _ = value.text
    writeAgain(value)
    writeCell(batch, value)
}

private func decode(
    _ bytes: UnsafeRawBufferPointer,
    _ codec: CellCodec,
    _ policy: MySQLConfiguration.ZeroDates,
    isBinary: Bool
) -> RowBatch? {
    var builder = RowBatchBuilder(columnCount: 1)
    do {
        if isBinary {
            var reader = PacketReader(bytes)
            try RowDecoder.appendBinary(&reader, codec, policy, to: &builder)
        } else {
            try RowDecoder.appendText(bytes, codec, policy, to: &builder)
        }
        try builder.endRow()
    } catch {
        return nil
    }
    return builder.finish()
}

/// How the server would send back a parameter of this kind; nil for those it changes.
private func codec(returning value: Value) -> CellCodec? {
    switch value {
    case .int: .int64
    case .uint: .uint64
    case .float: .float
    case .double: .double
    case .decimal: .decimal
    case .text: .text
    case .json: .json
    case .bytes: .bytes
    case .date: .date
    case .time: .time
    case .timestamp: .dateTime
    case .timestampTZ: .timestamp
    case .array: .vector
    default: nil
    }
}

/// What was read is bound again without harm, and comes back the same.
private func writeAgain(_ value: Value) {
    var buffer = ByteBuffer()
    guard (try? ParameterEncoding.write([value], to: &buffer)) != nil, let codec = codec(returning: value) else {
        return
    }
    // Which are NULL, that types follow, and the type.
    buffer.moveReaderIndex(forwardBy: 4)
    let again = buffer.withUnsafeReadableBytes {
        decode($0, codec, .error, isBinary: true)?.value(row: 0, column: 0)
    }
    guard let again else {
        // A year of zero is one that the server has for no date.
        if case .date(let date) = value, date.year == 0 { return }
        if case .timestamp(let moment) = value, moment.date.year == 0 { return }
        if case .timestampTZ(let instant) = value, instant.microsecondsSinceEpoch < -62_135_596_800_000_000 { return }
        fatalError("a bound value cannot be read")
    }
    if again != value, "\(again)" != "\(value)" { fatalError("a value changed on its way back") }
}

/// Cells of batches are written as the values they hold.
private func writeCell(_ batch: RowBatch, _ value: Value) {
    var (ofCell, ofValue) = (ByteBuffer(), ByteBuffer())
    let isWritten = batch.withCells(ofRow: 0) { cells, heap in
        guard let cell = cells.first, cell.kind != .null, CellEncoding.type(of: cell) != nil else { return false }
        let room = CellEncoding.room(for: cell)
        var isWritten = false
        ofCell.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
            guard let start = memory.baseAddress else { return 0 }
            var end = start
            isWritten = (try? CellEncoding.write(cell, heap: heap, to: &end)) != nil
            guard end - start <= room else { fatalError("a cell takes more room than it asked for") }
            return isWritten ? end - start : 0
        }
        return isWritten
    }
    guard isWritten else { return }
    switch value {
    // Written as they came, and not as they are read.
    case .decimal, .text, .json, .bytes: return
    default: break
    }
    guard (try? ParameterEncoding.write(value, to: &ofValue)) != nil, ofCell == ofValue else {
        fatalError("a cell is not written as its value")
    }
}
