import Foundation
import Roost
import RoostORM
import RoostPostgreSQL
import RoostQuery
import Testing

// The code of the tutorial (Sources/ORM/RoostORM.docc), and its migration, run on PostgreSQL where there is one.

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

enum LendingError: Error, Equatable {
    case noSuchBook
    case allCopiesAreOut
    case notOnLoan
}

struct Library: Sendable {
    let database: Database
}

extension Library {
    func lend(_ bookID: Int, to memberID: Int, on day: LocalDate) async throws -> Loan {
        try await database.withTransaction { connection in
            let (book, loan) = (Book.columns, Loan.columns)
            // Two who want the last copy wait for each other here.
            let copies = try await connection.fetchOne(
                book.select(book.copies).where(book.id == bookID).locking()
            )
            guard let copies else { throw LendingError.noSuchBook }
            let out = try await connection.fetchOnly(
                loan.select(count().expression).where(loan.bookID == bookID && loan.returnedOn.isNull)
            )
            guard out < copies else { throw LendingError.allCopiesAreOut }
            return try await connection.insert(Loan(bookID: bookID, memberID: memberID, takenOn: day))
        }
    }
}

extension Library {
    func takeBack(_ loanID: Int, on day: LocalDate) async throws {
        let loan = Loan.columns
        let summary = try await database.execute(
            loan.update(loan.set(\.returnedOn, to: day)).where(loan.id == loanID && loan.returnedOn.isNull)
        )
        guard summary.rowsAffected == 1 else { throw LendingError.notOnLoan }
    }
}

extension Library {
    func shelf(_ text: String, after cursor: String?, size: Int) async throws -> (books: [Book], next: String?) {
        let book = Book.columns
        let byTitle = Keyset(.ascending(book.title), .ascending(book.id))
        let books = try await database.fetchAll(
            Book.where { $0.title.contains(text) }.page(by: byTitle, after: cursor, size: size),
            limit: .rows(size)
        )
        guard books.count == size, let last = books.last, let id = last.id else { return (books, nil) }
        return (books, byTitle.cursor(last.title, id))
    }
}

extension Library {
    func members() async throws -> [With<Member, [With<Loan, Book>]>] {
        try await database.fetchAll(
            Member.all.orderBy(Member.columns.name)
                .including(Member.loans.where { $0.returnedOn.isNull }.including(Loan.book.required)),
            limit: 100
        )
    }
}

extension Library {
    func favourites() async throws -> [(title: String, loans: Int)] {
        let (book, loan) = (Book.columns, Loan.columns)
        let times = count().expression
        let rows = try await database.fetchAll(
            loan.join(book, on: loan.bookID == book.id)
                .select(book.title, times).groupBy(book.id, book.title).orderBy(times.descending, book.title).limit(10),
            limit: 10
        )
        return rows.map { (title: $0.0, loans: $0.1) }
    }
}

extension Library {
    /// The status of a request to lend a book.
    func answer(_ bookID: Int, _ memberID: Int, today: LocalDate) async throws -> Int {
        do {
            _ = try await lend(bookID, to: memberID, on: today)
            return 201
        } catch let error as LendingError {
            return error == .noSuchBook ? 404 : 409
        } catch let error as DatabaseError where error.condition == .foreignKeyViolation {
            return 404
        } catch let error as DatabaseError where error.isRetryable {
            return 503
        }
    }
}

enum TutorialSnippets {
    static func run() async throws {
        let url = ProcessInfo.processInfo.environment["LIBRARY_URL"] ?? "postgresql://localhost/library"
        let drivers = DriverRegistry([PostgreSQLDriver()])
        let database = try await drivers.open(ConnectionConfiguration(url))
        let library = Library(database: database)
        for (title, loans) in try await library.favourites() { print(title, loans) }
        await database.close()
    }
}

func membersCostThreeStatements(_ url: String) async throws {
    let counter = QueryCounter()
    var configuration = try ConnectionConfiguration(url)
    configuration.observer = counter
    let database = try await DriverRegistry([PostgreSQLDriver()]).open(configuration)
    let library = Library(database: database)
    let members = try await counter.expectQueries(3) { try await library.members() }
    #expect(members.allSatisfy { $0.related.count <= 10 })
    await database.close()
}

@Suite struct TutorialTests {
    private static let server = ProcessInfo.processInfo.environment["ROOST_TEST_POSTGRESQL_15_URL"]

    /// The migration as the tutorial shows it.
    private func migration() throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/ORM/RoostORM.docc/Resources/database-4.sql").standardizedFileURL
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: "-- migrate:up\n"))
        let end = try #require(text.range(of: "-- migrate:down\n"))
        return text[begin.upperBound..<end.lowerBound].split(separator: ";").map {
            $0.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        .filter { !$0.isEmpty }
    }

    @Test(.enabled(if: server != nil)) func whatItShowsWorks() async throws {
        let schema = "tutorial_\(UInt32.random(in: 0 ... .max))"
        let url = try #require(Self.server)
        let drivers = DriverRegistry([PostgreSQLDriver()])
        let connection = try await drivers.connect(ConnectionConfiguration(url))
        try await connection.execute("create schema \(identifier: schema)")
        let place = url + (url.contains("?") ? "&" : "?") + "options=-c%20search_path%3D\(schema)"
        let database = try await drivers.open(ConnectionConfiguration(place))
        let library = Library(database: database)
        do {
            for statement in try migration() { try await database.execute(Statement(unsafe: statement)) }
            let ana = try await database.insert(Member(name: "Ana"))
            let book = try await database.insert(Book(title: "The Sea, The Sea", copies: 1))
            try await database.insert(contentsOf: (1...5).map { Book(title: "Volume \($0)", copies: 2) })
            let (bookID, memberID) = (try #require(book.id), try #require(ana.id))
            let today = try #require(LocalDate("2026-11-26"))

            let loan = try await library.lend(bookID, to: memberID, on: today)
            #expect(try await library.answer(bookID, memberID, today: today) == 409)
            #expect(try await library.answer(-1, memberID, today: today) == 404)
            #expect(try await library.answer(bookID + 1, -1, today: today) == 404)

            let members = try await library.members()
            #expect(members.map { $0.related.map(\.related.title) } == [["The Sea, The Sea"]])
            try await membersCostThreeStatements(place)

            try await library.takeBack(try #require(loan.id), on: today)
            await #expect(throws: LendingError.notOnLoan) { try await library.takeBack(loan.id ?? 0, on: today) }
            _ = try await library.lend(bookID, to: memberID, on: today)
            _ = try await library.lend(bookID + 1, to: memberID, on: today)
            let favourites = try await library.favourites()
            #expect(favourites.map(\.title) == ["The Sea, The Sea", "Volume 1"] && favourites[0].loans == 2)

            let first = try await library.shelf("Volume", after: nil, size: 3)
            let second = try await library.shelf("Volume", after: first.next, size: 3)
            #expect((first.books + second.books).map(\.title) == (1...5).map { "Volume \($0)" } && second.next == nil)
        } catch {
            Issue.record(error)
        }
        await database.close()
        try await connection.execute("drop schema \(identifier: schema) cascade")
        await connection.close()
    }
}
