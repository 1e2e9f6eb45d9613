import Roost
import RoostORM
import RoostQuery

struct Artist: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_artist"
        let id = Column<Int>("id")
        let name = Column<String>("name")
        let country = Column<String?>("country")
    }
    static let mapping = Mapping<Artist>(key: .generated(\.id, \.id))

    var id: Int?
    var name: String
    var country: String?

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(name)
        row.write(country)
    }
}

extension Artist {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        name = try row.next()
        country = try row.next()
    }
}

enum AlbumState: String, QueryValue { case planned, released }

struct Settings: Codable, Equatable, Sendable {
    var isLive: Bool
    var tags: [String]
}

struct Label: Embedded, Equatable {
    struct Columns: ColumnGroup {
        let name = Column<String>("label_name")
        let city = Column<String?>("label_city")
    }
    var name: String
    var city: String?

    func write(to row: inout ColumnWriter) {
        row.write(name)
        row.write(city)
    }
}

extension Label {
    init(from row: inout RowReader) throws(DatabaseError) {
        name = try row.next()
        city = try row.next()
    }
}

struct Album: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_album"
        let id = Column<Int>("id")
        let artistID = Column<Int>("artistID", .snakeCase)
        let title = Column<String>("title")
        let state = Column<AlbumState>("state")
        let settings = Column<JSON>("settings")
        let label = Label.Columns()
        let version = Column<Int>("version")
        let createdAt = Column<LocalDateTime>("createdAt", .snakeCase)
        let updatedAt = Column<LocalDateTime>("updatedAt", .snakeCase)
        let deletedAt = Column<LocalDateTime?>("deletedAt", .snakeCase)
    }
    static let mapping = Mapping<Album>(key: .generated(\.id, \.id))
        .version(\.version, \.version)
        .created(\.createdAt)
        .updated(\.updatedAt)
        .softDelete(\.deletedAt, \.deletedAt)

    var id: Int?
    var artistID: Int
    var title: String
    var state = AlbumState.released
    var settings = Settings(isLive: false, tags: [])
    var label = Label(name: "One Little", city: nil)
    var version = 1
    var createdAt = LocalDateTime(microsecondsSinceEpoch: 0)
    var updatedAt = LocalDateTime(microsecondsSinceEpoch: 0)
    var deletedAt: LocalDateTime?

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(artistID)
        row.write(title)
        row.write(state)
        row.write(json: settings)
        row.write(label)
        row.write(version)
        row.write(createdAt)
        row.write(updatedAt)
        row.write(deletedAt)
    }

    mutating func willSave(isNew: Bool) throws(DatabaseError) {
        while title.hasSuffix(" ") { title.removeLast() }
    }

    func validate() throws(DatabaseError) {
        if title.isEmpty { throw .invalid("An album has a title.", column: "title") }
    }
}

extension Album {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        artistID = try row.next()
        title = try row.next()
        state = try row.next()
        settings = try row.nextJSON()
        label = try row.nextEmbedded()
        version = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        deletedAt = try row.next()
    }
}

struct Track: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_track"
        let code = Column<String>("code")
        let albumID = Column<Int>("album_id")
        let seconds = Column<Int>("seconds")
    }
    typealias Key = String
    static let mapping = Mapping<Track>(key: .assigned(\.code, \.code))

    var code: String
    var albumID: Int
    var seconds: Int

    func write(to row: inout ColumnWriter) {
        row.write(code)
        row.write(albumID)
        row.write(seconds)
    }
}

extension Track {
    init(from row: inout RowReader) throws(DatabaseError) {
        code = try row.next()
        albumID = try row.next()
        seconds = try row.next()
    }
}

struct Playlist: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_playlist"
        let id = Column<Int>("id")
        let name = Column<String>("name")
    }
    static let mapping = Mapping<Playlist>(key: .generated(\.id, \.id))

    var id: Int?
    var name: String

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(name)
    }
}

extension Playlist {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        name = try row.next()
    }
}

/// A track's place in a playlist.
struct Entry: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_entry"
        let playlistID = Column<Int>("playlist_id")
        let trackCode = Column<String>("track_code")
        let place = Column<Int>("place")
    }
    typealias Key = CompositeKey<Int, String>
    static let mapping = Mapping<Entry>(
        key: .composite(\.playlistID, \.trackCode) { CompositeKey($0.playlistID, $0.trackCode) }
    )

    var playlistID: Int
    var trackCode: String
    var place: Int

    func write(to row: inout ColumnWriter) {
        row.write(playlistID)
        row.write(trackCode)
        row.write(place)
    }
}

extension Entry {
    init(from row: inout RowReader) throws(DatabaseError) {
        playlistID = try row.next()
        trackCode = try row.next()
        place = try row.next()
    }
}

struct Employee: Model, Equatable {
    struct Columns: Table {
        static let tableName = "orm_employee"
        let id = Column<Int>("id")
        let name = Column<String>("name")
        let managerID = Column<Int?>("manager_id")
    }
    static let mapping = Mapping<Employee>(key: .generated(\.id, \.id))

    var id: Int?
    var name: String
    var managerID: Int?

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(name)
        row.write(managerID)
    }
}

extension Employee {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        name = try row.next()
        managerID = try row.next()
    }
}
