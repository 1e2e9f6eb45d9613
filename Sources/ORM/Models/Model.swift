public import Roost
public import RoostQuery

/// A row of a table as a plain struct.
///
/// It names its columns, its key, and reads and writes itself, both in the order of its columns:
///
/// ```swift
/// struct Artist: Model {
///     struct Columns: Table {
///         static let tableName = "artist"
///         let id = Column<Int>("id")
///         let name = Column<String>("name")
///     }
///     static let mapping = Mapping<Artist>(key: .generated(\.id, \.id))
///
///     var id: Int?
///     var name: String
/// }
///
/// extension Artist {
///     init(from row: inout RowReader) throws(DatabaseError) {
///         id = try row.next()
///         name = try row.next()
///     }
///
///     func write(to row: inout ColumnWriter) {
///         row.write(id)
///         row.write(name)
///     }
/// }
/// ```
///
/// Nothing is ever loaded behind the application's back: a model holds what its row holds, and what relations add is in the type
/// of what a query returns.
public protocol Model: RowDecodable, Sendable, SendableMetatype {
    /// The table.
    associatedtype Columns: Table
    /// What tells one row from all others; `Int` unless said otherwise.
    associatedtype Key: ModelKey = Int
    /// The key, and what happens by itself. Declare it with `static let`: it keeps the statements compiled for the model.
    static var mapping: Mapping<Self> { get }

    /// What becomes of related rows when a session deletes a row by ``Session/deleteCascading(_:)``; nothing unless said otherwise.
    static var deleteRules: [DeleteRule<Self>] { get }

    /// Reads a row, whose columns come in the order of ``Columns``.
    init(from row: inout RowReader) throws(DatabaseError)
    /// Writes every column, in the order of ``Columns``.
    func write(to row: inout ColumnWriter)

    /// Whether the values make sense together; called before every insert and update, after ``willSave(isNew:)``.
    ///
    /// - Throws: ``DatabaseError/invalid(_:column:)``, or any other error, which ends the change before anything of it is sent.
    func validate() throws(DatabaseError)
    /// Called before the model is inserted or updated; what it changes is written.
    mutating func willSave(isNew: Bool) throws(DatabaseError)
    /// Called before the model is deleted one by one; not for bulk deletes by a condition.
    func willDelete() throws(DatabaseError)
}

extension Model {
    /// By position, which is the fastest.
    public static var columnNames: [String]? { nil }
    /// No rules.
    public static var deleteRules: [DeleteRule<Self>] { [] }
    /// Everything makes sense.
    public func validate() throws(DatabaseError) {}
    /// Changes nothing.
    public mutating func willSave(isNew: Bool) throws(DatabaseError) {}
    /// Does nothing.
    public func willDelete() throws(DatabaseError) {}

    /// The table's columns, for conditions and orders: `Artist.columns.name == "Björk"`.
    public static var columns: TableReference<Columns> { Columns.table }

    /// The key; nil before the engine gave one.
    public var key: Key? { Self.mapping.key.read(self) }

    /// All rows, but for those softly deleted: a query that can be narrowed, ordered, paged, streamed.
    public static var all: Select<Self> {
        guard let condition = mapping.present else { return withDeleted }
        return withDeleted.where(condition)
    }

    /// All rows, those softly deleted among them.
    public static var withDeleted: Select<Self> { mapping.everything }

    /// The rows that fulfil a condition: `Artist.where { $0.name == "Björk" }`.
    public static func `where`(_ condition: (TableReference<Columns>) -> SQLCondition) -> Select<Self> {
        all.where(condition(columns))
    }
}

extension DatabaseError.Condition {
    /// A row was changed or deleted by another since it was read.
    public static let staleWrite = Self(rawValue: "staleWrite")
    /// A model's own validation refused it.
    public static let validationFailed = Self(rawValue: "validationFailed")
}

extension DatabaseError {
    /// What ``Model/validate()`` throws. The message must not contain the value.
    public static func invalid(_ message: String, column: String? = nil) -> DatabaseError {
        DatabaseError(.data, .validationFailed, message).concerning(column: column)
    }

    static func stale<M: Model>(_ type: M.Type) -> DatabaseError {
        DatabaseError(
            .operational,
            .staleWrite,
            "A row of \(M.Columns.tableName) was changed or deleted by another since it was read.",
            hint: "Read it again, apply the change to what is there now, and save that."
        ).concerning(table: M.Columns.tableName)
    }

    static func withoutKey<M: Model>(_ type: M.Type) -> DatabaseError {
        DatabaseError(
            .programming,
            .misuse,
            "A model of \(M.Columns.tableName) has no key, so it is no row yet.",
            hint: "Insert it first, and keep what the insert returns."
        ).concerning(table: M.Columns.tableName)
    }
}
