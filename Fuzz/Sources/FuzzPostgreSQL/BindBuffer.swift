import NIOCore
import Roost

@testable import RoostPostgreSQL

/// A parameter as it was written, to be read back as the server would send it.
struct BindBuffer {
    var bytes = ByteBuffer()

    func value(_ codec: ColumnCodec) -> Value? {
        var copy = bytes
        guard let length = copy.readInteger(as: Int32.self), Int(length) == copy.readableBytes else { return nil }
        var builder = RowBatchBuilder(columnCount: 1)
        do {
            try copy.withUnsafeReadableBytes { try RowDecoder.appendBinary($0, codec, to: &builder) }
            try builder.endRow()
        } catch {
            return nil
        }
        return builder.takeBatch().value(row: 0, column: 0)
    }
}
