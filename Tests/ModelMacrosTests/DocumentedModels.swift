#if ModelMacros
import RoostModelMacros

// The models of the tutorial and of Documentation/ORM.md.

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

@Embeddable(prefix: "address_", isOptional: true)
struct Address {
    var street: String
    var city: String?
}

@Model("customer")
struct Customer {
    @Key var code: String
    @Column("full_name") var name: String
    @JSONColumn var settings: [String: String]
    @Embedded var address: Address?
    @Version var version = 1
    @Created var createdAt: Instant
    @SoftDelete var deletedAt: Instant?
    @Computed var orders: Int?
    @NotAColumn var isSelected = false
}
#endif
