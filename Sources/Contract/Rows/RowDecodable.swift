/// A type that is read from a whole row.
///
/// By position, which is the fastest:
///
/// ```swift
/// struct Customer: RowDecodable {
///     var id: Int
///     var name: String
///     var email: String?
///
///     init(from row: inout RowReader) throws(DatabaseError) {
///         id = try row.next()
///         name = try row.next()
///         email = try row.next()
///     }
/// }
/// ```
///
/// or by name, in any order and among other columns, when ``columnNames`` lists the columns in the order they are read. Names are
/// looked up once per result, so this costs one array access a column more.
public protocol RowDecodable {
    /// The columns that ``init(from:)`` reads, in its order; nil reads by position.
    static var columnNames: [String]? { get }

    /// Reads one row.
    init(from row: inout RowReader) throws(DatabaseError)
}

extension RowDecodable {
    /// nil: by position.
    public static var columnNames: [String]? { nil }
}
