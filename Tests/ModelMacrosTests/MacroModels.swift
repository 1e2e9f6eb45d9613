#if ModelMacros
public import RoostModelMacros

/// The models as the macros write them; `ByHand` has the same ones without.
enum ByMacro {
    @Embeddable(prefix: "label_")
    struct Label: Equatable {
        var name: String
        var city: String?
    }

    @Embeddable(prefix: "place_", isOptional: true)
    struct Place: Equatable {
        var name: String
        @Column("zip") var postalCode: String?
        @JSONColumn var words: [String]
    }

    @Model("album")
    struct Album: Equatable {
        static let tracks = hasMany(\Track.albumID, \.albumID)

        var id: Int?
        var artistID: Int
        var title: String
        var state: AlbumState = .released
        @JSONColumn var settings: AlbumSettings = AlbumSettings()
        @JSONColumn @Column("remarks") var notes: AlbumSettings?
        @Embedded var label: Label
        @Embedded(prefix: "second_") var second: Label
        @Embedded var place: Place?
        @Version var version = 1
        @Created var createdAt: LocalDateTime = LocalDateTime(microsecondsSinceEpoch: 0)
        @Updated var updatedAt: LocalDateTime = LocalDateTime(microsecondsSinceEpoch: 0)
        @SoftDelete var deletedAt: LocalDateTime?
        @Computed var titleLength: Int?
        @NotAColumn var isOpen = false

        var isHidden: Bool { deletedAt != nil }

        mutating func willSave(isNew: Bool) throws(DatabaseError) {
            while title.hasSuffix(" ") { title.removeLast() }
        }
    }

    @Model
    struct Track: Equatable {
        static let album = belongs(to: Album.self, by: \.albumID, \.albumID)

        @Key var code: String
        @Column("album") var albumID: Int
        var seconds: Int { didSet { if seconds < 0 { seconds = 0 } } }
    }

    @Model("entry")
    struct Entry: Equatable {
        @Key let playlistID: Int
        @Key let trackCode: String
        var place: Int
    }

    @Model("line", naming: .snakeCase.prefixed("l_"))
    struct BillLine: Equatable {
        @Key var year: Int
        @Key var number: Int
        @Key var place: Int
        var `default`: String
        var price: BigDecimal
    }
}

/// What another module would use.
@Model(schema: "main")
public struct PublicThing {
    public var id: Int?
    public var row: String
    var secret: Secret
    private var count = 3

    struct Secret: QueryValue, RawRepresentable {
        var rawValue: Int
    }

    init(id: Int? = nil, row: String, secret: Int) {
        self.id = id
        self.row = row
        self.secret = Secret(rawValue: secret)
    }
}
#endif
