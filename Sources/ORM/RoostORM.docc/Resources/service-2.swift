import Roost

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
