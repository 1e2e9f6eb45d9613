import Roost
import RoostORM
import RoostQuery

/// Whom a bill goes to, if it is known.
struct Contact: OptionalEmbedded, Equatable {
    struct Columns: ColumnGroup {
        let name = Column<String?>("contact_name")
        let city = Column<String?>("contact_city")
    }
    static let columnCount = 2
    var name: String
    var city: String?

    func write(to row: inout ColumnWriter) {
        row.write(name)
        row.write(city)
    }
}

extension Contact {
    init?(ifPresent row: inout RowReader) throws(DatabaseError) {
        let name = try row.next(String?.self)
        let city = try row.next(String?.self)
        guard let name else { return nil }
        self.init(name: name, city: city)
    }
}

/// A model with a key of two columns.
struct Bill: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_bill"
        let year = Column<Int>("year")
        let number = Column<Int>("number")
        let note = Column<String>("note")
        let contact = Contact.Columns()
    }
    typealias Key = CompositeKey<Int, Int>
    static let mapping = Mapping<Bill>(key: .composite(\.year, \.number) { CompositeKey($0.year, $0.number) })
    static let lines = hasMany(BillLine.self, by: \.year, \.number) { CompositeKey($0.year, $0.number) }
    static let firstLine = hasOne(BillLine.self, by: \.year, \.number) { CompositeKey($0.year, $0.number) }
    static let tracks = hasMany(
        Track.self,
        through: BilledTrack.self,
        from: [\.year, \.number],
        to: [\.trackCode]
    ) { CompositeKey($0.year, $0.number) }
    static var deleteRules: [DeleteRule<Bill>] { [.delete(lines), .unlink(tracks)] }

    var year: Int
    var number: Int
    var note: String
    var contact: Contact?

    func write(to row: inout ColumnWriter) {
        row.write(year)
        row.write(number)
        row.write(note)
        row.write(contact)
    }
}

extension Bill {
    init(from row: inout RowReader) throws(DatabaseError) {
        year = try row.next()
        number = try row.next()
        note = try row.next()
        contact = try row.nextEmbedded(Contact?.self)
    }
}

/// A key of three columns.
struct LineKey: ModelKey {
    var year: Int
    var number: Int
    var place: Int
    var keyValues: [Value] { [year.databaseValue, number.databaseValue, place.databaseValue] }
}

extension LineKey {
    init(key row: inout RowReader) throws(DatabaseError) {
        self.init(year: try row.next(), number: try row.next(), place: try row.next())
    }
}

struct BillLine: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_line"
        let year = Column<Int>("year")
        let number = Column<Int>("number")
        let place = Column<Int>("place")
        let item = Column<String>("item")
    }
    typealias Key = LineKey
    static let mapping = Mapping<BillLine>(
        key: .composite(\.year, \.number, \.place) { LineKey(year: $0.year, number: $0.number, place: $0.place) }
    )
    static let bill = belongs(to: Bill.self, by: \.year, \.number) { CompositeKey($0.year, $0.number) }

    var year: Int
    var number: Int
    var place: Int
    var item: String

    func write(to row: inout ColumnWriter) {
        row.write(year)
        row.write(number)
        row.write(place)
        row.write(item)
    }
}

extension BillLine {
    init(from row: inout RowReader) throws(DatabaseError) {
        year = try row.next()
        number = try row.next()
        place = try row.next()
        item = try row.next()
    }
}

struct BilledTrack: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_billed_track"
        let year = Column<Int>("year")
        let number = Column<Int>("number")
        let trackCode = Column<String>("track_code")
    }
    struct Key: ModelKey {
        var bill: CompositeKey<Int, Int>
        var trackCode: String
        var keyValues: [Value] { bill.keyValues + [.text(trackCode)] }
    }
    static let mapping = Mapping<BilledTrack>(
        key: .composite(\.year, \.number, \.trackCode) {
            Key(bill: CompositeKey($0.year, $0.number), trackCode: $0.trackCode)
        }
    )

    var year: Int
    var number: Int
    var trackCode: String

    func write(to row: inout ColumnWriter) {
        row.write(year)
        row.write(number)
        row.write(trackCode)
    }
}

extension BilledTrack.Key {
    init(key row: inout RowReader) throws(DatabaseError) {
        bill = CompositeKey(try row.next(), try row.next())
        trackCode = try row.next()
    }
}

extension BilledTrack {
    init(from row: inout RowReader) throws(DatabaseError) {
        year = try row.next()
        number = try row.next()
        trackCode = try row.next()
    }
}

/// Words about an artist or an album: which of them, the kind says.
struct Comment: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_comment"
        let id = Column<Int>("id")
        let kind = Column<String>("subject_kind")
        let subjectID = Column<Int>("subject_id")
        let words = Column<String>("words")
    }
    static let mapping = Mapping<Comment>(key: .generated(\.id, \.id))
    static let artist = belongs(to: Artist.self, by: \.artistID)
    static let album = belongs(to: Album.self, by: \.albumID)

    var id: Int?
    var kind: String
    var subjectID: Int
    var words: String

    var artistID: Int? { kind == "artist" ? subjectID : nil }
    var albumID: Int? { kind == "album" ? subjectID : nil }

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(kind)
        row.write(subjectID)
        row.write(words)
    }
}

extension Comment {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        kind = try row.next()
        subjectID = try row.next()
        words = try row.next()
    }
}

extension Artist {
    static let comments = hasMany(\Comment.subjectID, \.subjectID).where { $0.kind == "artist" }
}
