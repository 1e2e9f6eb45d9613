import CSQLite
public import Roost

extension SQLiteConnection {
    /// Registers a function for SQL on this connection. It replaces one of the same name and number of arguments.
    ///
    /// - Parameters:
    ///   - name: how SQL calls it.
    ///   - argumentCount: how many arguments it takes, -1 for any number.
    ///   - isDeterministic: whether equal arguments always give equal results, so that it may be used in indexes.
    ///   - body: what it does, on the connection's thread. What it throws ends the statement with `userFunctionFailed`-like errors
    ///     that show the error's description.
    /// - Throws: `interface.misuse` when SQLite refuses the name.
    public func createFunction(
        _ name: String,
        argumentCount: Int = -1,
        isDeterministic: Bool = true,
        _ body: @escaping @Sendable ([Value]) throws -> Value
    ) throws(DatabaseError) {
        let flags = SQLITE_UTF8 | (isDeterministic ? SQLITE_DETERMINISTIC : 0)
        let box = Unmanaged.passRetained(FunctionBox(body))
        let status = sqlite3_create_function_v2(
            try database(),
            name,
            Int32(clamping: argumentCount),
            flags,
            box.toOpaque(),
            { context, count, arguments in
                guard let context, let data = sqlite3_user_data(context) else { return }
                Unmanaged<FunctionBox>.fromOpaque(data).takeUnretainedValue().call(context, count, arguments)
            },
            nil,
            nil,
            { data in data.map { Unmanaged<FunctionBox>.fromOpaque($0).release() } }
        )
        // SQLite releases the box itself when it refuses the function.
        guard status == SQLITE_OK else { throw SQLiteErrors.last(try database(), code: status) }
    }

    /// Registers a collation: an order of texts for `COLLATE name`.
    ///
    /// - Parameter compare: negative, zero or positive, as the left text sorts before, with or after the right one. It must be a
    ///   consistent order, or indexes that use it become useless.
    public func createCollation(
        _ name: String,
        _ compare: @escaping @Sendable (String, String) -> Int
    ) throws(DatabaseError) {
        let box = Unmanaged.passRetained(CollationBox(compare))
        let status = sqlite3_create_collation_v2(
            try database(),
            name,
            SQLITE_UTF8,
            box.toOpaque(),
            { data, leftCount, left, rightCount, right in
                guard let data else { return 0 }
                let texts = [(left, leftCount), (right, rightCount)].map { start, count in
                    String(decoding: UnsafeRawBufferPointer(start: start, count: Int(count)), as: UTF8.self)
                }
                let order = Unmanaged<CollationBox>.fromOpaque(data).takeUnretainedValue().compare(texts[0], texts[1])
                return Int32(order.signum())
            },
            { data in data.map { Unmanaged<CollationBox>.fromOpaque($0).release() } }
        )
        guard status == SQLITE_OK else {
            // Unlike for functions, SQLite leaves the box to the caller here.
            box.release()
            throw SQLiteErrors.last(try database(), code: status)
        }
    }
}

/// Keeps a function alive as long as SQLite knows it.
private final class FunctionBox {
    let body: @Sendable ([Value]) throws -> Value

    init(_ body: @escaping @Sendable ([Value]) throws -> Value) {
        self.body = body
    }

    func call(_ context: OpaquePointer, _ count: Int32, _ arguments: UnsafeMutablePointer<OpaquePointer?>?) {
        let values = (0..<Int(count)).map { Self.value(arguments?[$0]) }
        do {
            Self.set(try body(values), context)
        } catch {
            sqlite3_result_error(context, "The function failed: \(error)", -1)
        }
    }

    private static func value(_ value: OpaquePointer?) -> Value {
        switch sqlite3_value_type(value) {
        case SQLITE_INTEGER: return .int(sqlite3_value_int64(value))
        case SQLITE_FLOAT: return .double(sqlite3_value_double(value))
        case SQLITE_TEXT:
            let start = sqlite3_value_text(value)
            let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
            return .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_value_blob(value)
            return .bytes([UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))))
        default: return .null
        }
    }

    private static func set(_ value: Value, _ context: OpaquePointer) {
        switch value {
        case .null: sqlite3_result_null(context)
        case .bool(let value): sqlite3_result_int64(context, value ? 1 : 0)
        case .int(let value): sqlite3_result_int64(context, value)
        case .float(let value): sqlite3_result_double(context, Double(value))
        case .double(let value): sqlite3_result_double(context, value)
        case .bytes(let bytes):
            bytes.withUnsafeBytes {
                if $0.isEmpty {
                    sqlite3_result_zeroblob(context, 0)
                } else {
                    roost_sqlite3_result_blob_copied(context, $0.baseAddress, UInt64($0.count))
                }
            }
        default:
            var text = value.text ?? ""
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    roost_sqlite3_result_text_copied(context, $0.baseAddress, UInt64($0.count))
                }
            }
        }
    }
}

/// Keeps a collation alive as long as SQLite knows it.
private final class CollationBox {
    let compare: @Sendable (String, String) -> Int

    init(_ compare: @escaping @Sendable (String, String) -> Int) {
        self.compare = compare
    }
}
