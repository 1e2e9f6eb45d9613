/// What client and server agree on at the handshake (MySQL "Capabilities Flags"; the upper half is MariaDB's, "Connection Phase").
struct ClientCapabilities: OptionSet, Sendable {
    let rawValue: UInt64

    /// Rows an UPDATE finds are counted, not only those it changes.
    static let foundRows = Self(rawValue: 1 << 1)
    static let connectWithDatabase = Self(rawValue: 1 << 3)
    /// Packets go in frames that zlib may have compressed.
    static let compress = Self(rawValue: 1 << 5)
    /// `LOAD DATA LOCAL`. What is sent is what a caller handed over for that statement; no file is ever opened.
    static let localFiles = Self(rawValue: 1 << 7)
    static let protocol41 = Self(rawValue: 1 << 9)
    static let tls = Self(rawValue: 1 << 11)
    static let transactions = Self(rawValue: 1 << 13)
    static let secureConnection = Self(rawValue: 1 << 15)
    static let multiStatements = Self(rawValue: 1 << 16)
    static let multiResults = Self(rawValue: 1 << 17)
    static let preparedMultiResults = Self(rawValue: 1 << 18)
    static let pluginAuthentication = Self(rawValue: 1 << 19)
    static let connectionAttributes = Self(rawValue: 1 << 20)
    static let lengthEncodedAuthentication = Self(rawValue: 1 << 21)
    static let sessionTracking = Self(rawValue: 1 << 23)
    static let deprecateEOF = Self(rawValue: 1 << 24)
    /// Set by MySQL and clear in MariaDB, whose own capabilities follow then.
    static let longPassword = Self(rawValue: 1 << 0)
    /// Packets go in frames that zstd may have compressed (MySQL, `CLIENT_ZSTD_COMPRESSION_ALGORITHM`).
    static let compressZstd = Self(rawValue: 1 << 26)
    /// `COM_STMT_BULK_EXECUTE`
    static let bulkOperations = Self(rawValue: 1 << 34)
    /// Columns tell `json`, `uuid`, `inet6`, … apart.
    static let extendedMetadata = Self(rawValue: 1 << 35)
    /// A prepared statement's columns are described once, not with each result.
    static let cachedMetadata = Self(rawValue: 1 << 36)

    /// What this driver asks for, as far as the server has it.
    static let wanted: Self = [
        .foundRows, .connectWithDatabase, .localFiles, .protocol41, .transactions, .secureConnection, .multiResults,
        .preparedMultiResults, .pluginAuthentication, .connectionAttributes, .lengthEncodedAuthentication,
        .sessionTracking, .deprecateEOF,
        .longPassword, .bulkOperations, .extendedMetadata, .cachedMetadata,
    ]
    /// Whether packets go in frames.
    var hasFrames: Bool { !isDisjoint(with: [.compress, .compressZstd]) }

    /// What there is no talking without.
    static let required: Self = [.protocol41, .secureConnection, .pluginAuthentication]
}

/// The server's state after a command (`SERVER_STATUS_flags_enum`).
struct ServerStatus: OptionSet, Sendable {
    let rawValue: UInt16

    static let inTransaction = Self(rawValue: 1 << 0)
    static let autocommit = Self(rawValue: 1 << 1)
    /// Another result follows.
    static let moreResults = Self(rawValue: 1 << 3)
    static let cursorExists = Self(rawValue: 1 << 6)
    static let lastRowSent = Self(rawValue: 1 << 7)
    static let noBackslashEscapes = Self(rawValue: 1 << 9)
    /// The result holds a procedure's OUT parameters.
    static let outParameters = Self(rawValue: 1 << 12)
    static let inReadOnlyTransaction = Self(rawValue: 1 << 13)
    static let sessionStateChanged = Self(rawValue: 1 << 14)
}

/// The commands' first bytes ("Command Phase").
enum Command {
    static let quit: UInt8 = 0x01
    static let query: UInt8 = 0x03
    static let ping: UInt8 = 0x0E
    static let prepare: UInt8 = 0x16
    static let execute: UInt8 = 0x17
    static let sendLongData: UInt8 = 0x18
    static let closeStatement: UInt8 = 0x19
    static let fetch: UInt8 = 0x1C
    static let resetConnection: UInt8 = 0x1F
    /// MariaDB's.
    static let bulkExecute: UInt8 = 0xFA
}
