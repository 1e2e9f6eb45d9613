import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `~/.pgpass`: lines of `host:port:database:user:password`, `*` for any, the first that fits (PostgreSQL documentation, "The
/// Password File").
struct PasswordFile: Sendable {
    private struct Line: Sendable {
        var fields: [String]
        var password: Secret
    }

    private var lines: [Line] = []

    /// Reads a file; one that is missing, or that others may read, counts as empty, as it does for libpq.
    static func read(path: String?) -> PasswordFile {
        guard let path, let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let permissions = attributes[.posixPermissions] as? Int, permissions & 0o077 == 0,
            let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20
        else { return PasswordFile() }
        return PasswordFile(text: String(decoding: data, as: UTF8.self))
    }

    init() {}

    init(text: String) {
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            var fields: [String] = [""]
            var isEscaped = false
            for scalar in line.unicodeScalars {
                if isEscaped || (scalar != "\\" && scalar != ":") {
                    fields[fields.count - 1].unicodeScalars.append(scalar)
                    isEscaped = false
                } else if scalar == "\\" {
                    isEscaped = true
                } else if fields.count < 5 {
                    fields.append("")
                } else {
                    fields[fields.count - 1].append(":")
                }
            }
            guard fields.count == 5 else { continue }
            let password = Secret(fields.removeLast())
            lines.append(Line(fields: fields, password: password))
        }
    }

    func password(host: String, port: String, database: String, user: String) -> Secret? {
        let wanted = [host, port, database, user]
        return lines.first { line in
            zip(line.fields, wanted).allSatisfy { $0 == "*" || $0 == $1 }
        }?.password
    }
}

/// `~/.pg_service.conf`: named groups of connection settings (PostgreSQL documentation, "The Connection Service File").
enum ServiceFile {
    /// The settings of a service.
    ///
    /// - Throws: `interface.invalidConfiguration` when the service is nowhere defined.
    static func settings(
        of service: String?,
        environment: [String: String]
    ) throws(DatabaseError) -> [String: String] {
        guard let service else { return [:] }
        let paths = [
            environment["PGSERVICEFILE"] ?? environment["HOME"].map { $0 + "/.pg_service.conf" },
            environment["PGSYSCONFDIR"].map { $0 + "/pg_service.conf" },
        ]
        for path in paths {
            guard let path, let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20 else {
                continue
            }
            if let settings = parse(String(decoding: data, as: UTF8.self), service: service) { return settings }
        }
        throw PostgreSQLConfiguration.invalid(
            "The service \"\(service)\" is not defined.",
            "Define it in ~/.pg_service.conf, or name the file with PGSERVICEFILE."
        )
    }

    static func parse(_ text: String, service: String) -> [String: String]? {
        var settings: [String: String]?
        var isInside = false
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            if trimmed.hasPrefix("#") || trimmed.isEmpty { continue }
            if trimmed.hasPrefix("[") {
                isInside = trimmed.dropFirst().prefix { $0 != "]" } == service
                if isInside { settings = settings ?? [:] }
            } else if isInside, let equals = trimmed.firstIndex(of: "=") {
                settings?[String(trimmed[..<equals])] = String(trimmed[trimmed.index(after: equals)...])
            }
        }
        return settings
    }
}
