#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Row {
    /// Decodes the row into any `Decodable` type, by the names of its properties.
    ///
    /// Convenient, and some ten times slower than ``RowDecodable``: names are looked up in every row. Properties that are neither
    /// simple values nor `Date`, `UUID` and Roost's own types are read as JSON.
    ///
    /// - Throws: an error that names the column, the type wanted and the kind found.
    public func decode<T: Decodable>(decodable type: T.Type) throws -> T {
        try T(from: RowDecoder(row: self))
    }
}

extension ResultSet {
    /// All further rows decoded into a `Decodable` type by property names; see ``Row/decode(decodable:)`` for its cost.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`.
    public func fetchAll<T: Decodable>(decodable type: T.Type, limit: FetchLimit) async throws -> [T] {
        try await fetchAll(limit: limit).map { try $0.decode(decodable: type) }
    }
}

/// What engines without arrays keep as JSON text.
private protocol NestedDecodable {}
extension Array: NestedDecodable {}

/// Presents a row as a keyed container.
private struct RowDecoder: Decoder {
    let row: Row
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RowContainer(row: row))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw DatabaseError(.interface, .misuse, "A row is decoded by names, not as a list.")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw DatabaseError(
            .interface,
            .misuse,
            "A row is decoded by names, not as a single value.",
            hint: "Use rows.decode(T.self)."
        )
    }
}

private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let row: Row
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { row.columns.names.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { row.columns.index(named: key.stringValue) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try row[key.stringValue].isNull }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let kind = try row[key.stringValue].kind
        let isNested = type is any NestedDecodable.Type && (kind == .text || kind == .json)
        if !isNested, let known = type as? any DatabaseDecodable.Type {
            guard let value = try read(known, key) as? T else { throw mismatch(key, type) }
            return value
        }
        return try row.decode(key.stringValue, as: JSON.self).decode(type)
    }

    private func read<D: DatabaseDecodable>(_ type: D.Type, _ key: Key) throws -> D {
        try row.decode(key.stringValue, as: type)
    }

    private func mismatch(_ key: Key, _ type: Any.Type) -> DatabaseError {
        DatabaseError(.data, .typeMismatch, "Column \"\(key.stringValue)\" cannot be decoded as \(type).").concerning(
            column: key.stringValue
        )
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
        -> KeyedDecodingContainer<Nested>
    {
        throw unsupported
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw unsupported }
    func superDecoder() throws -> any Decoder { throw unsupported }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw unsupported }

    private var unsupported: DatabaseError {
        DatabaseError(
            .interface,
            .notSupported,
            "A row has no nested containers.",
            hint: "Store nested values as JSON."
        )
    }
}
