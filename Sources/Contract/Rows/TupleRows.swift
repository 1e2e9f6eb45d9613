/// Rows that are tuples, on their way into batches. For drivers that take rows by the batch; `executeMany` is what applications call.
///
/// The compiler turns a loop over a parameter pack into one that looks every value's type up again, and copies the value out of its
/// tuple and destroys the copy, for each row. Here it is found out once where the values lie and what encodes them, and they are
/// encoded where they are.
public struct TupleRows<Rows: Sequence, each Column: DatabaseEncodable> where Rows.Element == (repeat each Column) {
    @usableFromInline let rows: Rows
    @usableFromInline let fields: [TupleField]
    /// How many rows were taken from those that lie side by side.
    @usableFromInline var taken = 0
    /// Goes over rows that do not.
    @usableFromInline var iterator: Rows.Iterator?

    /// The number of columns.
    @inlinable public var width: Int { fields.count }

    /// Nothing is taken from `rows` before ``fill(_:until:)``.
    @inlinable
    public init(_ rows: Rows) {
        self.rows = rows
        var fields: [TupleField] = []
        var end = 0
        repeat fields.append(TupleField((each Column).self, after: &end))
        self.fields = fields
    }

    /// Encodes rows until the batch has `limit` bytes.
    ///
    /// - Returns: true when there are no more rows.
    /// - Throws: `programming.parameterMismatch` for a row of another width, `data.valueTooLong` for a value of more than 4 GiB.
    @inlinable
    @inline(never)
    public mutating func fill(_ builder: inout RowBatchBuilder, until limit: Int) throws(DatabaseError) -> Bool {
        if iterator == nil, let isOver = try fillFromMemory(&builder, until: limit) { return isOver }
        var rest = iterator ?? rows.makeIterator()
        defer { iterator = rest }
        while builder.byteCount < limit {
            guard let row = rest.next() else { return true }
            withUnsafePointer(to: row) { encode($0, into: &builder) }
            try builder.endRow()
        }
        return false
    }

    /// The same for rows that lie side by side in memory; nil for others.
    @inlinable
    mutating func fillFromMemory(_ builder: inout RowBatchBuilder, until limit: Int) throws(DatabaseError) -> Bool? {
        var position = taken
        let outcome = rows.withContiguousStorageIfAvailable { (rows) -> Result<Bool, DatabaseError> in
            while builder.byteCount < limit {
                guard position < rows.count, let start = rows.baseAddress else { return .success(true) }
                encode(start + position, into: &builder)
                position += 1
                do throws(DatabaseError) { try builder.endRow() } catch { return .failure(error) }
            }
            return .success(false)
        }
        taken = position
        return try outcome?.get()
    }

    @inlinable
    @inline(__always)
    func encode(_ row: UnsafePointer<Rows.Element>, into builder: inout RowBatchBuilder) {
        let start = UnsafeRawPointer(row)
        for field in fields { field.encode(start, into: &builder) }
    }
}

/// One of a tuple's values: where it lies and what it is.
@usableFromInline
struct TupleField {
    /// The types that most values have are encoded by code of their own; others through their conformance.
    @usableFromInline
    enum Form {
        case int, optionalInt, int64, int32, double, optionalDouble, bool, string, optionalString, localDateTime,
            instant
        case other(any DatabaseEncodable.Type)
    }

    @usableFromInline let offset: Int
    @usableFromInline let form: Form

    /// The elements of a tuple lie in their order, each at the next offset its alignment allows (the Swift ABI's type layout).
    @usableFromInline
    init<T: DatabaseEncodable>(_ type: T.Type, after end: inout Int) {
        let alignment = MemoryLayout<T>.alignment
        offset = (end + alignment - 1) / alignment * alignment
        end = offset + MemoryLayout<T>.size
        form =
            switch type {
            case is Int.Type: .int
            case is Int?.Type: .optionalInt
            case is Int64.Type: .int64
            case is Int32.Type: .int32
            case is Double.Type: .double
            case is Double?.Type: .optionalDouble
            case is Bool.Type: .bool
            case is String.Type: .string
            case is String?.Type: .optionalString
            case is LocalDateTime.Type: .localDateTime
            case is Instant.Type: .instant
            default: .other(type)
            }
    }

    @inlinable
    @inline(__always)
    func encode(_ row: UnsafeRawPointer, into builder: inout RowBatchBuilder) {
        let start = row + offset
        switch form {
        case .int: Self.encode(Int.self, start, into: &builder)
        case .optionalInt: Self.encode(Int?.self, start, into: &builder)
        case .int64: Self.encode(Int64.self, start, into: &builder)
        case .int32: Self.encode(Int32.self, start, into: &builder)
        case .double: Self.encode(Double.self, start, into: &builder)
        case .optionalDouble: Self.encode(Double?.self, start, into: &builder)
        case .bool: Self.encode(Bool.self, start, into: &builder)
        case .string: Self.encode(String.self, start, into: &builder)
        case .optionalString: Self.encode(String?.self, start, into: &builder)
        case .localDateTime: Self.encode(LocalDateTime.self, start, into: &builder)
        case .instant: Self.encode(Instant.self, start, into: &builder)
        case .other(let type): Self.encodeOther(type, start, into: &builder)
        }
    }

    @inlinable
    @inline(__always)
    static func encode<T: DatabaseEncodable>(
        _ type: T.Type,
        _ start: UnsafeRawPointer,
        into builder: inout RowBatchBuilder
    ) {
        start.assumingMemoryBound(to: T.self).pointee.encode(into: &builder)
    }

    @usableFromInline
    static func encodeOther<T: DatabaseEncodable>(
        _ type: T.Type,
        _ start: UnsafeRawPointer,
        into builder: inout RowBatchBuilder
    ) {
        encode(type, start, into: &builder)
    }
}
