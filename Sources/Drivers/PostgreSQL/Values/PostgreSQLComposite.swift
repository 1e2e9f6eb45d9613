public import Roost

/// A row as one value (PostgreSQL documentation, 8.16.6, "Composite Type Input and Output Syntax"): values of `CREATE TYPE … AS`, of
/// tables' row types, and `ROW(…)`.
///
/// PostgreSQL sends neither names nor types of the fields, so they are texts by position:
///
/// ```swift
/// let address = try row.decode("address", as: PostgreSQLComposite.self)
/// let street = try address.decode(0, as: String.self)
/// let number = try address.decode(1, as: Int?.self)
/// ```
public struct PostgreSQLComposite: Sendable, Hashable {
    /// The fields' texts, nil for NULL. Without any field the text is that of a single NULL, and read as that.
    public var fields: [String?]

    /// A row of these texts.
    public init(fields: [String?]) {
        self.fields = fields
    }

    /// A row of these values.
    public init(_ fields: (any PostgreSQLTextRepresentable)?...) {
        self.init(fields: fields.map { $0?.postgreSQLText })
    }

    /// Reads a field, counted from 0; composites, ranges and arrays too.
    ///
    /// - Throws: `programming.missingColumn` when there is none, `data.unexpectedNull`, `data.malformedValue`.
    public func decode<T: PostgreSQLTextRepresentable>(_ index: Int, as type: T.Type = T.self) throws(DatabaseError)
        -> T
    {
        guard let value = try decode(index, as: T?.self) else {
            throw DatabaseError(
                .data,
                .unexpectedNull,
                "Field \(index + 1) of a composite is NULL, which cannot be decoded as \(T.self).",
                hint: "Ask for \(T.self)?.",
                engine: PostgreSQLErrors.engine
            )
        }
        return value
    }

    /// Reads a field, counted from 0; nil for NULL.
    ///
    /// - Throws: `programming.missingColumn` when there is none, `data.malformedValue`.
    public func decode<T: PostgreSQLTextRepresentable>(_ index: Int, as type: T?.Type) throws(DatabaseError) -> T? {
        guard fields.indices.contains(index) else {
            throw DatabaseError(
                .programming,
                .missingColumn,
                "Field \(index) (counted from 0) was asked for, but the composite has \(fields.count).",
                engine: PostgreSQLErrors.engine
            )
        }
        guard let text = fields[index] else { return nil }
        guard let value = T(postgreSQLText: text) else {
            throw DatabaseError(
                .data,
                .malformedValue,
                "Field \(index + 1) of a composite cannot be read as \(T.self).",
                hint: "Decode it as String to see what is stored.",
                engine: PostgreSQLErrors.engine
            )
        }
        return value
    }
}

extension PostgreSQLComposite: PostgreSQLTextValue {
    /// Reads `record_out`'s text in one pass.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        scanner.skipSpaces()
        guard scanner.skip("(") else { return nil }
        var fields: [String?] = []
        repeat {
            switch scanner.element(endsAtSquare: false) {
            case .malformed: return nil
            case .none: fields.append(nil)
            case .text(let bytes):
                guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
                fields.append(text)
            }
        } while scanner.skip(",")
        guard scanner.skip(")") else { return nil }
        scanner.skipSpaces()
        guard scanner.isAtEnd else { return nil }
        self.init(fields: fields)
    }

    /// The fields in parentheses: `(1,"a b",)`.
    public var postgreSQLText: String {
        var bytes = [UInt8(ascii: "(")]
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            guard let field else { continue }
            bytes.append(element: field) { byte in
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","):
                    true
                default: false
                }
            }
        }
        bytes.append(UInt8(ascii: ")"))
        return String(decoding: bytes, as: UTF8.self)
    }
}
