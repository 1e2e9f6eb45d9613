#if ModelMacros
import Roost
import RoostORM
import RoostQuery

enum AlbumState: String, QueryValue { case planned, released }

struct AlbumSettings: Codable, Equatable, Sendable {
    var isLive = false
    var tags: [String] = []
}

/// The models as one writes them by hand.
enum ByHand {
    struct Label: Embedded, Equatable {
        struct Columns: ColumnGroup {
            let name: Column<String>
            let city: Column<String?>
            init(prefix: String = "label_") {
                name = Column(prefix + "name")
                city = Column(prefix + "city")
            }
        }
        var name: String
        var city: String?

        func write(to row: inout ColumnWriter) {
            row.write(name)
            row.write(city)
        }
    }

    struct Place: OptionalEmbedded, Equatable {
        struct Columns: ColumnGroup {
            let name = Column<String?>("place_name")
            let postalCode = Column<String?>("place_zip")
            let words = Column<JSON?>("place_words")
        }
        static let columnCount = 3
        var name: String
        var postalCode: String?
        var words: [String]

        func write(to row: inout ColumnWriter) {
            row.write(name)
            row.write(postalCode)
            row.write(json: words)
        }
    }

    struct Album: Model, Equatable {
        struct Columns: Table {
            static let tableName = "album"
            let id = Column<Int>("id")
            let artistID = Column<Int>("artist_id")
            let title = Column<String>("title")
            let state = Column<AlbumState>("state")
            let settings = Column<JSON>("settings")
            let notes = Column<JSON?>("remarks")
            let label = Label.Columns()
            let second = Label.Columns(prefix: "second_")
            let place = Place.Columns()
            let version = Column<Int>("version")
            let createdAt = Column<LocalDateTime>("created_at")
            let updatedAt = Column<LocalDateTime>("updated_at")
            let deletedAt = Column<LocalDateTime?>("deleted_at")
            let titleLength = Column<Int?>("title_length")
        }
        static let mapping = Mapping<Album>(key: .generated(\.id, \.id))
            .version(\.version, \.version)
            .created(\.createdAt)
            .updated(\.updatedAt)
            .softDelete(\.deletedAt, \.deletedAt)
            .computed(\.titleLength)
        static let tracks = hasMany(\Track.albumID, \.albumID)

        var id: Int?
        var artistID: Int
        var title: String
        var state = AlbumState.released
        var settings = AlbumSettings()
        var notes: AlbumSettings?
        var label: Label
        var second: Label
        var place: Place?
        var version = 1
        var createdAt = LocalDateTime(microsecondsSinceEpoch: 0)
        var updatedAt = LocalDateTime(microsecondsSinceEpoch: 0)
        var deletedAt: LocalDateTime?
        var titleLength: Int?

        mutating func willSave(isNew: Bool) throws(DatabaseError) {
            while title.hasSuffix(" ") { title.removeLast() }
        }

        func write(to row: inout ColumnWriter) {
            row.write(id)
            row.write(artistID)
            row.write(title)
            row.write(state)
            row.write(json: settings)
            row.write(json: notes)
            row.write(label)
            row.write(second)
            row.write(place)
            row.write(version)
            row.write(createdAt)
            row.write(updatedAt)
            row.write(deletedAt)
            row.write(titleLength)
        }
    }

    struct Track: Model, Equatable {
        struct Columns: Table {
            static let tableName = "track"
            let code = Column<String>("code")
            let albumID = Column<Int>("album")
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

    struct Entry: Model, Equatable {
        struct Columns: Table {
            static let tableName = "entry"
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
}

extension ByHand.Label {
    init(from row: inout RowReader) throws(DatabaseError) {
        name = try row.next()
        city = try row.next()
    }
}

extension ByHand.Place {
    init?(ifPresent row: inout RowReader) throws(DatabaseError) {
        let name = try row.next(String?.self)
        let postalCode = try row.next(String?.self)
        let words = try row.nextJSON([String]?.self)
        guard let name, let words else { return nil }
        self.init(name: name, postalCode: postalCode, words: words)
    }
}

extension ByHand.Album {
    init(from row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        artistID = try row.next()
        title = try row.next()
        state = try row.next()
        settings = try row.nextJSON()
        notes = try row.nextJSON(AlbumSettings?.self)
        label = try row.nextEmbedded()
        second = try row.nextEmbedded()
        place = try row.nextEmbedded(ByHand.Place?.self)
        version = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        deletedAt = try row.next()
        titleLength = try row.next()
    }
}

extension ByHand.Track {
    init(from row: inout RowReader) throws(DatabaseError) {
        code = try row.next()
        albumID = try row.next()
        seconds = try row.next()
    }
}

extension ByHand.Entry {
    init(from row: inout RowReader) throws(DatabaseError) {
        playlistID = try row.next()
        trackCode = try row.next()
        place = try row.next()
    }
}
#endif
