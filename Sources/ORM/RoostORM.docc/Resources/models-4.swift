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

struct Loan: Model {
    struct Columns: Table {
        static let tableName = "loan"
        let id = Column<Int>("id")
        let bookID = Column<Int>("bookID", .snakeCase)
        let memberID = Column<Int>("memberID", .snakeCase)
        let takenOn = Column<LocalDate>("takenOn", .snakeCase)
        let returnedOn = Column<LocalDate?>("returnedOn", .snakeCase)
    }
    static let mapping = Mapping<Loan>(key: .generated(\.id, \.id))
    static let book = belongs(to: Book.self, by: \.bookID, \.bookID)

    var id: Int?
    var bookID: Int
    var memberID: Int
    var takenOn: LocalDate
    var returnedOn: LocalDate?

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(bookID)
        row.write(memberID)
        row.write(takenOn)
        row.write(returnedOn)
    }

    func validate() throws(DatabaseError) {
        if let returnedOn, returnedOn < takenOn {
            throw .invalid("A book is returned after it was taken.", column: "returned_on")
        }
    }
}

extension Loan {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        bookID = try row.next()
        memberID = try row.next()
        takenOn = try row.next()
        returnedOn = try row.next()
    }
}
