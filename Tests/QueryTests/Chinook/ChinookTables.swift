import Roost
import RoostQuery

/// The tables of the Chinook sample database that the questions are about. PostgreSQL folds the script's names to lower case.
enum Chinook {
    struct Artist: Table {
        static let tableName = "artist"
        let id = Column<Int>("artistid")
        let name = Column<String?>("name")
    }

    struct Album: Table {
        static let tableName = "album"
        let id = Column<Int>("albumid")
        let title = Column<String>("title")
        let artistID = Column<Int>("artistid")
    }

    struct Genre: Table {
        static let tableName = "genre"
        let id = Column<Int>("genreid")
        let name = Column<String?>("name")
    }

    struct MediaType: Table {
        static let tableName = "mediatype"
        let id = Column<Int>("mediatypeid")
        let name = Column<String?>("name")
    }

    struct Track: Table {
        static let tableName = "track"
        let id = Column<Int>("trackid")
        let name = Column<String>("name")
        let albumID = Column<Int?>("albumid")
        let mediaTypeID = Column<Int>("mediatypeid")
        let genreID = Column<Int?>("genreid")
        let composer = Column<String?>("composer")
        let milliseconds = Column<Int>("milliseconds")
    }

    struct Employee: Table {
        static let tableName = "employee"
        let id = Column<Int>("employeeid")
        let lastName = Column<String>("lastname")
        let title = Column<String?>("title")
        let managerID = Column<Int?>("reportsto")
        let country = Column<String?>("country")
    }

    struct Customer: Table {
        static let tableName = "customer"
        let id = Column<Int>("customerid")
        let firstName = Column<String>("firstname")
        let lastName = Column<String>("lastname")
        let country = Column<String?>("country")
        let email = Column<String>("email")
        let supportID = Column<Int?>("supportrepid")
    }

    struct Invoice: Table {
        static let tableName = "invoice"
        let id = Column<Int>("invoiceid")
        let customerID = Column<Int>("customerid")
        let date = Column<LocalDateTime>("invoicedate")
        let country = Column<String?>("billingcountry")
        let total = Column<BigDecimal>("total")
    }

    struct InvoiceLine: Table {
        static let tableName = "invoiceline"
        let id = Column<Int>("invoicelineid")
        let invoiceID = Column<Int>("invoiceid")
        let trackID = Column<Int>("trackid")
        let unitPrice = Column<BigDecimal>("unitprice")
        let quantity = Column<Int>("quantity")
    }

    struct Playlist: Table {
        static let tableName = "playlist"
        let id = Column<Int>("playlistid")
        let name = Column<String?>("name")
    }

    struct PlaylistTrack: Table {
        static let tableName = "playlisttrack"
        let playlistID = Column<Int>("playlistid")
        let trackID = Column<Int>("trackid")
    }

    // What subqueries and common tables give.

    /// Something by its number, what it made, and its place.
    struct Ranked: Table {
        static let tableName = "ranked"
        let group = Column<Int?>("part")
        let id = Column<Int>("id")
        let amount = Column<BigDecimal?>("amount")
        let place = Column<Int>("place")
    }

    struct Month: Table {
        static let tableName = "months"
        let year = Column<Int?>("y")
        let month = Column<Int?>("m")
        let sales = Column<BigDecimal?>("sales")
    }

    struct Node: Table {
        static let tableName = "tree"
        let id = Column<Int>("id")
        let level = Column<Int>("depth")
    }

    struct Person: Table {
        static let tableName = "people"
        let kind = Column<String>("kind")
        let country = Column<String?>("country")
    }
}
