import Roost

extension MySQLConfiguration {
    /// What a login asks for.
    ///
    /// - Throws: `notSupported` when zstd is asked for and the system has no libzstd.
    func wantedCapabilities() throws(DatabaseError) -> ClientCapabilities {
        switch compression {
        case .none: return .wanted
        case .zlib: return [.wanted, .compress]
        case .zstd:
            guard ZstdLibrary.shared != nil else {
                throw DatabaseError(
                    .notSupported,
                    .notSupported,
                    "The system has no libzstd, which compression=zstd needs.",
                    hint: "Install libzstd1 (Debian, Ubuntu), libzstd (Fedora) or zstd (Homebrew), or ask for zlib.",
                    sqlState: "0A000",
                    engine: flavour.rawValue
                )
            }
            return [.wanted, .compressZstd]
        }
    }
}
