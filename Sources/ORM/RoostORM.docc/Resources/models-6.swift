import RoostModelMacros

@Model
struct Book {
    var id: Int?
    var title: String
    var copies: Int
}

@Model
struct Member {
    static let loans = hasMany(\Loan.memberID, \.memberID)

    var id: Int?
    var name: String
}

@Model
struct Loan {
    static let book = belongs(to: Book.self, by: \.bookID, \.bookID)

    var id: Int?
    var bookID: Int
    var memberID: Int
    var takenOn: LocalDate
    var returnedOn: LocalDate?

    func validate() throws(DatabaseError) {
        if let returnedOn, returnedOn < takenOn {
            throw .invalid("A book is returned after it was taken.", column: "returned_on")
        }
    }
}
