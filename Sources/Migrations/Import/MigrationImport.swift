#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Another tool's folder, read as migrations of this one. Nothing is guessed: what cannot be translated is listed, with file and line.
public struct MigrationImport: Sendable {
    /// Whose folder it is.
    public enum Source: String, Sendable, Hashable, CaseIterable {
        case alembic, flyway, atlas
    }

    /// Something that needs a person.
    public struct Remark: Sendable, Hashable {
        /// What it is about.
        public var message: String
        /// The file.
        public var file: String
        /// The line, from 1; nil for all of it.
        public var line: Int?
        /// Whether the file could not be translated because of it.
        public var isBlocking: Bool

        init(_ message: String, file: String, line: Int? = nil, isBlocking: Bool = true) {
            self.message = message
            self.file = file
            self.line = line
            self.isBlocking = isBlocking
        }
    }

    /// What was translated.
    public var migrations: [MigrationTemplate] = []
    /// What was not, and what to look at.
    public var remarks: [Remark] = []

    /// Whether all of it was translated.
    public var isComplete: Bool { !remarks.contains(where: \.isBlocking) }

    /// Reads a folder.
    ///
    /// - Parameter offlineScript: for Alembic, what `alembic upgrade head --sql` printed: it has the SQL of what is written in Python.
    /// - Throws: for a folder or file that cannot be read.
    public static func read(
        _ source: Source,
        folder: String,
        offlineScript: String? = nil
    ) throws(MigrationError) -> MigrationImport {
        switch source {
        case .alembic:
            var script = AlembicScript()
            if let offlineScript { script = AlembicScript(try MigrationFolder.text(of: offlineScript)) }
            return try AlembicFolder.read(folder, script)
        case .flyway: return try FlywayFolder.read(folder)
        case .atlas: return try AtlasFolder.read(folder)
        }
    }

    static func files(in folder: String) throws(MigrationError) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw MigrationError(.file, "The folder cannot be read.", file: folder)
        }
        return names.sorted()
    }
}

/// Flyway's files: `V1.2__words.sql`, `U1.2__words.sql` for the way back, `R__words.sql` for what is repeated
/// (Flyway documentation, "Migrations").
enum FlywayFolder {
    static func read(_ folder: String) throws(MigrationError) -> MigrationImport {
        var result = MigrationImport()
        var undo: [String: String] = [:]
        var versions: [(version: [Int], name: String, words: String, file: String)] = []
        let names = try MigrationImport.files(in: folder)
        for name in names where name.hasSuffix(".sql") {
            let file = folder + "/" + name
            let stem = name.dropLast(4)
            guard let separator = stem.firstRange(of: "__"), let kind = stem.first, "VUR".contains(kind) else {
                result.remarks.append(
                    .init(
                        "The file is a callback or not named as Flyway names migrations.",
                        file: file,
                        isBlocking: false
                    )
                )
                continue
            }
            let version = String(stem[stem.index(after: stem.startIndex)..<separator.lowerBound])
            let words = String(stem[separator.upperBound...]).replacing("_", with: " ")
            let numbers = version.split(whereSeparator: { $0 == "." || $0 == "_" }).map { Int($0) }
            if kind == "R" {
                result.remarks.append(
                    .init(
                        "Repeatable migrations have no counterpart; run it by hand, or make a revision of it.",
                        file: file
                    )
                )
            } else if numbers.isEmpty || numbers.contains(nil) {
                result.remarks.append(.init("The version \"\(version)\" cannot be read.", file: file))
            } else if kind == "U" {
                undo[version] = file
            } else {
                versions.append((numbers.compactMap { $0 }, version, words, file))
            }
        }
        versions.sort { $0.version.lexicographicallyPrecedes($1.version) }
        var parent: String?
        for (_, version, words, file) in versions {
            let text = try MigrationFolder.text(of: file)
            noteTokens(text, file, &result)
            var template = MigrationTemplate(
                revision: version.replacing("_", with: "."),
                parents: parent.map { [$0] } ?? [],
                description: words
            )
            let settings = file + ".conf"
            if names.contains(where: { folder + "/" + $0 == settings }),
                try MigrationFolder.text(of: settings).replacing(" ", with: "").contains("executeInTransaction=false")
            {
                template.isTransactional = false
            }
            template.sections = [(.up, [], text)]
            if let file = undo[version] { template.sections.append((.down, [], try MigrationFolder.text(of: file))) }
            result.migrations.append(template)
            parent = template.revision
        }
        return result
    }

    private static func noteTokens(_ text: String, _ file: String, _ result: inout MigrationImport) {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        where line.contains("${") {
            result.remarks.append(
                .init("A placeholder stands here: write its value.", file: file, line: index + 1, isBlocking: false)
            )
        }
    }
}

/// Atlas's files: `20261125153000_words.sql` in order, and `.up.sql` with `.down.sql` of golang-migrate beside them
/// (Atlas documentation, "Migration Directory").
enum AtlasFolder {
    static func read(_ folder: String) throws(MigrationError) -> MigrationImport {
        var result = MigrationImport()
        let names = try MigrationImport.files(in: folder)
        var parent: String?
        for name in names where name.hasSuffix(".sql") && !name.hasSuffix(".down.sql") {
            let file = folder + "/" + name
            let stem = name.hasSuffix(".up.sql") ? name.dropLast(7) : name.dropLast(4)
            let version = String(stem.prefix { $0 != "_" })
            guard RevisionName.isValid(version) else {
                result.remarks.append(.init("The version \"\(version)\" cannot be the name of a revision.", file: file))
                continue
            }
            let text = try MigrationFolder.text(of: file)
            var template = MigrationTemplate(
                revision: version,
                parents: parent.map { [$0] } ?? [],
                description: String(stem.dropFirst(version.count + 1)).replacing("_", with: " ")
            )
            for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            {
                guard line.hasPrefix("-- atlas:") else { continue }
                if line.hasPrefix("-- atlas:txmode none") {
                    template.isTransactional = false
                } else if line.hasPrefix("-- atlas:delimiter") {
                    result.remarks.append(
                        .init("Other delimiters than the semicolon are not known.", file: file, line: index + 1)
                    )
                }
            }
            template.sections = [(.up, [], text)]
            let down = stem + ".down.sql"
            if names.contains(String(down)) {
                template.sections.append((.down, [], try MigrationFolder.text(of: folder + "/" + down)))
            }
            result.migrations.append(template)
            parent = version
        }
        return result
    }
}
