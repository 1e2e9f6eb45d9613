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
