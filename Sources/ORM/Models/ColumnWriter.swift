public import Roost
import RoostQuery

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Takes the columns of a model, from left to right. It cannot be copied or kept.
public struct ColumnWriter: ~Copyable {
    @usableFromInline var builder: RowBatchBuilder
    /// Columns that are not part of the statement: a key the engine makes.
    @usableFromInline let omitted: [Bool]
    @usableFromInline var position = 0
    private var error: DatabaseError?

    /// - Parameter extra: how many values are written after the columns: those of a condition.
    init(columnCount: Int, omitting names: Set<Int> = [], extra: Int = 0, rowCapacity: Int = 8) {
        omitted = names.isEmpty ? [] : (0..<columnCount).map(names.contains)
        builder = RowBatchBuilder(columnCount: columnCount - names.count + extra, rowCapacity: rowCapacity)
    }

    /// Writes the next column.
    @inlinable
    public mutating func write<T: DatabaseEncodable>(_ value: T) {
        if position >= omitted.count || !omitted[position] { value.encode(into: &builder) }
        position += 1
    }

    /// Writes the next column; nil as `NULL`.
    @inlinable
    public mutating func write<T: DatabaseEncodable>(_ value: T?) {
        if position >= omitted.count || !omitted[position] {
            if let value { value.encode(into: &builder) } else { builder.append(.null) }
        }
        position += 1
    }

    /// Writes the next column as JSON. A value that cannot be encoded is the error of the statement.
    public mutating func write(json value: some Encodable) {
        do {
            let encoder = JSONEncoder()
            // The same value is the same text, so that what did not change is seen not to have changed.
            encoder.outputFormatting = [.sortedKeys]
            write(JSON(String(decoding: try encoder.encode(value), as: UTF8.self)))
        } catch {
            self.error = DatabaseError(.data, .malformedValue, "A value cannot be encoded as JSON.", underlying: error)
            write(JSON("null"))
        }
    }

    /// Writes the next column as JSON; nil as `NULL`.
    public mutating func write<T: Encodable>(json value: T?) {
        if let value { write(json: value) } else { write(JSON?.none) }
    }

    /// Writes the columns of an embedded struct.
    public mutating func write<E: Embedded>(_ embedded: E) { embedded.write(to: &self) }

    mutating func append(_ values: [Value]) {
        for value in values { builder.append(value) }
    }

    mutating func endRow<M: Model>(_ type: M.Type) throws(DatabaseError) {
        position = 0
        if let error { throw error }
        do throws(DatabaseError) {
            try builder.endRow()
        } catch {
            guard error.condition == .parameterMismatch else { throw error }
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "\(M.self).write(to:) writes another number of columns than \(M.Columns.self) has.",
                hint: "Write every column, in the order they are declared in."
            )
        }
    }

    var byteCount: Int { builder.byteCount }
    var rowCount: Int { builder.rowCount }
    mutating func takeBatch() -> RowBatch { builder.takeBatch() }
}

/// A struct that lies in several columns of its owner's table: an address, an amount with its currency.
///
/// Its columns are a ``ColumnGroup`` in the owner's table, and it reads and writes itself as a model does.
public protocol Embedded: Sendable {
    /// Reads its columns.
    init(from row: inout RowReader) throws(DatabaseError)
    /// Writes its columns.
    func write(to row: inout ColumnWriter)
}

extension RowReader {
    /// Reads the next column, which holds JSON.
    public mutating func nextJSON<T: Decodable>(_ type: T.Type = T.self) throws(DatabaseError) -> T {
        try next(JSON.self).decode(type)
    }

    /// Reads the next column, which holds JSON, or `NULL` for nil.
    public mutating func nextJSON<T: Decodable>(_ type: T?.Type = T?.self) throws(DatabaseError) -> T? {
        try next(JSON?.self)?.decode(type)
    }

    /// Reads the next columns, which hold an embedded struct.
    public mutating func nextEmbedded<E: Embedded>(_ type: E.Type = E.self) throws(DatabaseError) -> E {
        try E(from: &self)
    }
}
