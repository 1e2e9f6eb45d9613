import Roost
import RoostORM
import RoostQuery

struct Book: Model {
    struct Columns: Table {
        static let tableName = "book"
        let id = Column<Int>("id")
        let title = Column<String>("title")
        let copies = Column<Int>("copies")
    }
    static let mapping = Mapping<Book>(key: .generated(\.id, \.id))

    var id: Int?
    var title: String
    var copies: Int

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(title)
        row.write(copies)
    }
}

extension Book {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        title = try row.next()
        copies = try row.next()
    }
}

struct Member: Model {
    struct Columns: Table {
        static let tableName = "member"
        let id = Column<Int>("id")
        let name = Column<String>("name")
    }
    static let mapping = Mapping<Member>(key: .generated(\.id, \.id))
    static let loans = hasMany(\Loan.memberID, \.memberID)

    var id: Int?
    var name: String

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(name)
    }
}

extension Member {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        name = try row.next()
    }
}
