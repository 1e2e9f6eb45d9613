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
