import Roost
import RoostORM
import RoostQuery
import RoostSQLite
import Testing

struct Artist: Model {
    struct Columns: Table {
        static let tableName = "artist"
        let id = Column<Int>("id")
        let name = Column<String>("name")
    }
    static let mapping = Mapping<Artist>(key: .generated(\.id, \.id))

    var id: Int?
    var name: String

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(name)
    }
}

extension Artist {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        name = try row.next()
    }
}

struct Album: Model {
    struct Columns: Table {
        static let tableName = "album"
        let id = Column<Int>("id")
        let artistID = Column<Int>("artistID", .snakeCase)
        let title = Column<String>("title")
    }
    static let mapping = Mapping<Album>(key: .generated(\.id, \.id))
    static let artist = belongs(to: Artist.self, by: \.artistID)

    var id: Int?
    var artistID: Int
    var title: String

    func write(to row: inout ColumnWriter) {
        row.write(id)
        row.write(artistID)
        row.write(title)
    }
}

extension Artist {
    static let albums = hasMany(\Album.artistID, \.artistID)
}

extension Album {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        artistID = try row.next()
        title = try row.next()
    }
}

extension Artist {
    static var deleteRules: [DeleteRule<Artist>] { [.delete(albums)] }
}

@Suite struct ORMSnippets {
    @Test func relations() async throws {
        let database = try await DriverRegistry([SQLiteDriver()]).open(ConnectionConfiguration("sqlite::memory:"))
        try await database.execute("create table artist (id integer primary key, name text not null)")
        try await database.execute(
            "create table album (id integer primary key, artist_id integer, title text not null)"
        )
        try await database.insert(Artist(id: 1, name: "Björk"))
        try await database.insert(Album(artistID: 1, title: "Debut"))
        let artists = try await database.fetchAll(
            Artist.all.including(Artist.albums.where { $0.title != "" }.orderBy { [$0.title] }.limit(3)),
            limit: 100
        )
        for artist in artists { print(artist.name, artist.related.map(\.title)) }
        let albums = try await database.fetchAll(Album.all.including(Album.artist.required), limit: 100)
        for album in albums { print(album.title, album.related.name) }
        let byArtist = try await database.fetchAll(
            Artist.all.orderBy(Artist.columns.name).joining(Artist.albums.orderBy { [$0.title] }),
            limit: 100
        )
        for artist in byArtist { print(artist.name, artist.related.map(\.title)) }
        #expect(byArtist.first?.related.map(\.title) == ["Debut"])
        #expect(artists.first?.related.count == 1 && albums.first?.related.name == "Björk")
        await database.close()
    }

    @Test func readingAndWriting() async throws {
        let database = try await DriverRegistry([SQLiteDriver()]).open(ConnectionConfiguration("sqlite::memory:"))
        try await database.execute("create table artist (id integer primary key, name text not null)")
        let saved = try await database.insert(Artist(name: "Björk"))
        let found = try await database.find(Artist.self, 1)
        let some = try await database.fetchAll(Artist.where { $0.name == "Björk" }.limit(10), limit: 10)
        #expect(saved.id == 1 && found?.name == "Björk" && some.count == 1)
        await database.close()
    }

    @Test func sessions() async throws {
        let database = try await DriverRegistry([SQLiteDriver()]).open(ConnectionConfiguration("sqlite::memory:"))
        try await database.execute("create table artist (id integer primary key, name text not null)")
        try await database.execute(
            "create table album (id integer primary key, artist_id integer, title text not null)"
        )
        try await database.insert(Artist(id: 1, name: "Björk"))
        try await database.withSession { session in
            let artist = try await session.add(Artist(name: "Cale"))
            try await session.add(Album(artistID: 0, title: "Paris 1919"), setting: \.artistID, from: artist)
            if var known = try await session.find(Artist.self, 1) {
                known.name = "Björk Guðmundsdóttir"
                try await session.save(known)
            }
        }
        let albums = try await database.fetchAll(Album.all.including(Album.artist.required), limit: 5)
        #expect(albums.map(\.related.name) == ["Cale"])
        #expect(try await database.get(Artist.self, 1).name == "Björk Guðmundsdóttir")
        await database.close()
    }
}
