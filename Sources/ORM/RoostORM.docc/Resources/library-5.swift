import Roost
import RoostORM
import RoostQuery

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
