/// Where a database is, as people write it: `postgresql://user:password@host:5432/name?sslmode=require`, `sqlite:shop.sqlite`.
///
/// Every part may be percent-encoded; several hosts are separated by commas, IPv6 addresses stand in brackets. For SQLite, what
/// follows the scheme is the path: `sqlite:relative/path`, `sqlite:/absolute/path` or, the same, `sqlite:///absolute/path`;
/// `sqlite::memory:` and `sqlite:` alone are a database in memory. Printing a URL masks its password.
public struct DatabaseURL: Sendable, Hashable {
    /// One host of a URL.
    public struct Host: Sendable, Hashable {
        /// A name, an address without brackets, or the directory of a unix socket.
        public var name: String
        /// The port, where it is given.
        public var port: Int?

        /// A host.
        public init(name: String, port: Int? = nil) {
            self.name = name
            self.port = port
        }
    }

    /// One `name=value` of the query.
    public struct Option: Sendable, Hashable {
        /// The name, as written.
        public var name: String
        /// The value, decoded.
        public var value: String

        /// An option.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The scheme in lower case, without a `+driver` suffix.
    public var scheme: String
    /// The login.
    public var user: String?
    /// The password.
    public var password: Secret?
    /// The hosts in order of preference.
    public var hosts: [Host]
    /// The name of the database; for SQLite the path of the file.
    public var database: String
    /// The options, in order; names may repeat.
    public var options: [Option]

    /// A URL from its parts.
    public init(
        scheme: String,
        user: String? = nil,
        password: Secret? = nil,
        hosts: [Host] = [],
        database: String = "",
        options: [Option] = []
    ) {
        self.scheme = scheme
        self.user = user
        self.password = password
        self.hosts = hosts
        self.database = database
        self.options = options
    }

    /// Parses a URL.
    ///
    /// - Throws: `interface.invalidConfiguration` that says which part is wrong; never with the URL itself in it.
    public init(_ text: String) throws(DatabaseError) {
        guard text.utf8.count <= 65_536 else { throw Self.invalid("it is longer than 64 KiB") }
        if text.hasPrefix("odbc:") {
            self.init(scheme: "odbc")
            try parseODBC(text.unicodeScalars.dropFirst(5))
            return
        }
        // A combining mark after a separator would make another character of it; in ASCII there are none.
        let text = Self.asciiOnly(text)
        guard let colon = text.firstIndex(of: ":") else {
            throw Self.invalid(
                "it has no scheme",
                hint: "Write for example sqlite:shop.sqlite or postgresql://host/name."
            )
        }
        var scheme = text[..<colon].lowercased()
        if let plus = scheme.firstIndex(of: "+"), scheme != "mongodb+srv", !scheme.hasPrefix("neo4j"),
            !scheme.hasPrefix("bolt")
        {
            scheme = String(scheme[..<plus])
        }
        guard let first = scheme.utf8.first, first &- 0x61 < 26,
            scheme.utf8.allSatisfy({ $0 &- 0x61 < 26 || $0 &- 48 < 10 || [0x2B, 0x2D, 0x2E].contains($0) })
        else { throw Self.invalid("its scheme is not a name of letters and digits") }
        let rest = text[text.index(after: colon)...]
        self.init(scheme: scheme)
        if scheme == "sqlite" || scheme == "file" || !rest.hasPrefix("//") {
            try parseOpaque(rest)
        } else {
            try parseHierarchical(rest.dropFirst(2))
        }
    }

    private mutating func parseOpaque(_ rest: Substring) throws(DatabaseError) {
        let (path, query) = Self.split(rest, at: "?")
        var decoded = try Self.decoded(path, part: "path")
        if decoded.hasPrefix("///") {
            decoded.removeFirst(2)
        } else if decoded.hasPrefix("//") {
            decoded.removeFirst(2)
            guard decoded.isEmpty || decoded.hasPrefix(":memory:") else {
                throw Self.invalid(
                    "a path after two slashes is neither relative nor absolute",
                    hint: "Write \(scheme):relative/path or \(scheme):/absolute/path."
                )
            }
        }
        database = decoded
        try parseOptions(query)
    }

    private static func asciiOnly(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
        var ascii = ""
        for byte in text.utf8 {
            if byte < 0x80 {
                ascii.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                ascii += "%" + String(byte, radix: 16, uppercase: true)
            }
        }
        return ascii
    }

    private mutating func parseODBC(_ rest: String.UnicodeScalarView.SubSequence) throws(DatabaseError) {
        for pair in rest.split(separator: ";") {
            guard let equals = pair.firstIndex(of: "=") else { throw Self.invalid("an ODBC attribute has no value") }
            let name = String(pair[..<equals])
            let value = String(pair[pair.index(after: equals)...])
            switch name.lowercased() {
            case "uid", "user": user = value
            case "pwd", "password": password = Secret(value)
            case "dsn", "database": database = database.isEmpty ? value : database
            default: break
            }
            if !["pwd", "password"].contains(name.lowercased()) { options.append(Option(name: name, value: value)) }
        }
    }

    private mutating func parseHierarchical(_ rest: Substring) throws(DatabaseError) {
        let (beforeQuery, query) = Self.split(rest, at: "?")
        let (authority, path) = Self.split(beforeQuery, at: "/")
        if let path { database = try Self.decoded(path, part: "database name") }
        var hostPart = authority
        if let at = authority.lastIndex(of: "@") {
            let (name, secret) = Self.split(authority[..<at], at: ":")
            user = try Self.decoded(name, part: "user name")
            if let secret { password = Secret(try Self.decoded(secret, part: "password")) }
            hostPart = authority[authority.index(after: at)...]
        }
        if !hostPart.isEmpty {
            for host in hostPart.split(separator: ",", omittingEmptySubsequences: false) {
                hosts.append(try Self.host(host))
            }
        }
        try parseOptions(query)
    }

    private static func host(_ text: Substring) throws(DatabaseError) -> Host {
        var name = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { throw invalid("an IPv6 address has no closing bracket") }
            name = text[text.index(after: text.startIndex)..<close]
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw invalid("something follows an IPv6 address") }
            port = after.isEmpty ? nil : after.dropFirst()
        } else {
            (name, port) = split(text, at: ":")
            guard port?.contains(":") != true else {
                throw invalid("a host has several colons", hint: "Put IPv6 addresses into brackets: [::1].")
            }
        }
        guard !name.isEmpty else { throw invalid("the name of a host is empty") }
        guard let port, !port.isEmpty else { return Host(name: try decoded(name, part: "host")) }
        guard let number = Int(port), (1...65_535).contains(number) else {
            throw invalid(
                "a port is not a number from 1 to 65535",
                hint: "Percent-encode @ : / in user name and password."
            )
        }
        return Host(name: try decoded(name, part: "host"), port: number)
    }

    private mutating func parseOptions(_ query: Substring?) throws(DatabaseError) {
        guard let query else { return }
        for pair in query.split(separator: "&") {
            let (name, value) = Self.split(pair, at: "=")
            let decodedName = try Self.decoded(name, part: "option")
            let decodedValue = try Self.decoded((value ?? "").replacing("+", with: "%20")[...], part: "option")
            if decodedName == "password" {
                password = Secret(decodedValue)
            } else {
                options.append(Option(name: decodedName, value: decodedValue))
            }
        }
    }

    private static func split(_ text: Substring, at separator: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    private static func decoded(_ text: Substring, part: String) throws(DatabaseError) -> String {
        guard text.utf8.contains(0x25) else {
            guard !text.utf8.contains(0) else { throw invalid("its \(part) holds a NUL character") }
            return String(text)
        }
        func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 48...57: byte - 48
            case 65...70: byte - 55
            case 97...102: byte - 87
            default: nil
            }
        }
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
                throw invalid(
                    "its \(part) has a % that two hexadecimal digits do not follow",
                    hint: "Write %25 for a percent sign."
                )
            }
            bytes.append(high << 4 | low)
        }
        guard !bytes.contains(0), let result = String(validating: bytes, as: UTF8.self) else {
            throw invalid("its \(part) is not UTF-8 text once decoded")
        }
        return result
    }

    private static func invalid(_ reason: String, hint: String? = nil) -> DatabaseError {
        DatabaseError(.interface, .invalidConfiguration, "The database URL cannot be read: \(reason).", hint: hint)
    }
}

extension DatabaseURL {
    /// The value of an option, the last one where it repeats; its name in any case.
    public func option(_ name: String) -> String? {
        options.last { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension DatabaseURL: CustomStringConvertible, CustomDebugStringConvertible {
    private static let secretWords = ["password", "pwd", "secret", "token", "key"]

    /// The URL with its password and every option that looks like a secret masked.
    public var description: String {
        var text = scheme + ":"
        if !hosts.isEmpty || user != nil {
            text += "//"
            if let user {
                text += Self.encoded(user) + (password == nil ? "" : ":***") + "@"
            }
            text += hosts.map { host in
                (host.name.contains(":") ? "[\(host.name)]" : Self.encoded(host.name))
                    + (host.port.map { ":\($0)" } ?? "")
            }.joined(separator: ",")
            text += "/" + Self.encoded(database)
        } else {
            // Two slashes at the beginning would be read as the beginning of a host.
            text += Self.encoded(database, keeping: database.hasPrefix("//") ? ":" : "/:")
        }
        if !options.isEmpty {
            text += "?"
            text += options.map { option in
                let isSecret = Self.secretWords.contains { option.name.lowercased().contains($0) }
                return Self.encoded(option.name) + "=" + (isSecret ? "***" : Self.encoded(option.value, keeping: "/:"))
            }.joined(separator: "&")
        }
        return text
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    private static func encoded(_ text: String, keeping kept: String = "") -> String {
        var result: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            let isPlain =
                (byte | 0x20) &- 0x61 < 26 || byte &- 48 < 10 || "-._~".utf8.contains(byte) || kept.utf8.contains(byte)
            if isPlain {
                result.append(byte)
            } else {
                result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
