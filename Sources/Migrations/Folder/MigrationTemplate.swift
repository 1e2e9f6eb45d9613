import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The text of a new migration file.
public struct MigrationTemplate: Sendable {
    /// The revision's name.
    public var revision: String
    /// What it follows.
    public var parents: [String]
    /// What it does.
    public var description: String
    /// Whether it must run without a transaction around it.
    public var isTransactional: Bool?
    /// Whether foreign keys are looked at only at its end (SQLite).
    public var defersForeignKeys = false
    /// What it stands for.
    public var replaces: [String] = []
    /// Its sections: a direction, dialects and text.
    public var sections: [(direction: Revision.Direction, dialects: [String], text: String)] = []

    /// A template.
    public init(revision: String, parents: [String], description: String) {
        self.revision = revision
        self.parents = parents
        self.description = description
    }

    /// The revision's name for a moment: `20261125153000`, in UTC, so that names sort as they were made.
    public static func name(at seconds: Int64) -> String {
        let time = Instant(microsecondsSinceEpoch: seconds * 1_000_000).description
        return String(time.filter { $0.isNumber }.prefix(14))
    }

    /// The name of the file: the revision and a few words of the description.
    public var fileName: String {
        var words = ""
        for character in description.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                words.append(character)
            } else if !words.isEmpty, !words.hasSuffix("_") {
                words.append("_")
            }
        }
        while words.hasSuffix("_") { words.removeLast() }
        return words.isEmpty ? "\(revision).sql" : "\(revision)_\(words.prefix(60)).sql"
    }

    /// The text of the file.
    public var text: String {
        // A line end in the description would leave the header.
        let line = description.map { $0.isNewline ? " " : $0 }
        var text = "-- revision: \(revision)\n"
        text += "-- parents: \(parents.isEmpty ? "none" : parents.joined(separator: ", "))\n"
        text += "-- description: \(String(line))\n"
        if let isTransactional { text += "-- transactional: \(isTransactional ? "yes" : "no")\n" }
        if defersForeignKeys { text += "-- foreign_keys: deferred\n" }
        if !replaces.isEmpty { text += "-- replaces: \(replaces.joined(separator: ", "))\n" }
        if sections.isEmpty { return text + "\n-- migrate:up\n\n-- migrate:down\n" }
        for section in sections {
            let dialects = section.dialects.isEmpty ? "" : " " + section.dialects.joined(separator: ", ")
            text += "\n-- migrate:\(section.direction.rawValue)\(dialects)\n"
            let body = section.text.trimmingBlanks
            if !body.isEmpty { text += body + "\n" }
        }
        return text
    }

    /// Writes the file into a folder, which is made when it is missing.
    ///
    /// - Returns: the file's path.
    /// - Throws: when there is such a file already, or it cannot be written.
    @discardableResult
    public func write(into folder: String) throws(MigrationError) -> String {
        let file = folder + "/" + fileName
        guard RevisionName.isValid(revision) else {
            throw MigrationError(.usage, "\"\(revision)\" cannot be the name of a revision.")
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw MigrationError(.file, "The folder cannot be made.", file: folder)
        }
        guard !FileManager.default.fileExists(atPath: file) else {
            throw MigrationError(.file, "There is such a file already.", file: file)
        }
        try MigrationFolder.write(text, to: file)
        return file
    }
}
