#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder of migration files, with its list of checksums.
public struct MigrationFolder: Sendable {
    /// The file that lists the checksums of the others.
    public static let checksumFile = "roost.sum"
    /// The most bytes a migration file may have.
    public static let maximumFileBytes = 64 << 20

    /// Its path.
    public var path: String
    /// What its files hold, by file name.
    public var revisions: [Revision]
    /// The checksums its list records, by file name; nil when there is no list.
    public var recorded: [String: String]?

    /// Reads all `.sql` files of a folder.
    ///
    /// - Throws: what cannot be read or understood, with file and line.
    public init(path: String) throws(MigrationError) {
        self.path = path
        revisions = []
        let files = FileManager.default
        var isDirectory = false
        guard files.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory,
            let names = try? files.contentsOfDirectory(atPath: path)
        else {
            throw MigrationError(
                .file,
                "There is no folder of migrations here.",
                hint: "Name it with --dir or in roost.yaml (migrations: {folder: …}); roost migrate new makes it.",
                file: path
            )
        }
        for name in names.sorted() where name.hasSuffix(".sql") && !name.hasPrefix(".") {
            let file = path + "/" + name
            revisions.append(try MigrationFileReader.read(try Self.text(of: file), name: name, path: file))
        }
        if names.contains(Self.checksumFile) {
            recorded = try Self.readChecksums(path + "/" + Self.checksumFile)
        }
    }

    static func text(of file: String) throws(MigrationError) -> String {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw MigrationError(.file, "The file cannot be read.", file: file)
        }
        guard data.count <= maximumFileBytes else {
            throw MigrationError(.file, "The file is larger than \(maximumFileBytes >> 20) MiB.", file: file)
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw MigrationError(.file, "The file is not UTF-8 text.", file: file)
        }
        return text
    }

    private static func readChecksums(_ file: String) throws(MigrationError) -> [String: String] {
        var result: [String: String] = [:]
        let lines = try text(of: file).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            guard let blank = line.firstIndex(of: " "), line.hasPrefix("sha256:") else {
                throw MigrationError(
                    .file,
                    "A line of \(checksumFile) is a checksum and a file's name.",
                    hint: "Solve what version control left in it, then run roost migrate hash.",
                    file: file,
                    line: index + 1
                )
            }
            result[line[line.index(after: blank)...].trimmingBlanks] = String(line[..<blank])
        }
        return result
    }

    /// How a file differs from what the list of checksums says.
    public struct Difference: Sendable, Hashable {
        /// In which way.
        public enum Kind: String, Sendable, Hashable {
            /// Its text is another.
            case edited
            /// It is in the list but not in the folder.
            case missing
            /// It is in the folder but not in the list.
            case unrecorded
        }

        /// In which way.
        public var kind: Kind
        /// The file's name.
        public var fileName: String
    }

    /// Where the folder differs from its list of checksums, by file name; without a list there is nothing to differ from.
    public func differences() -> [Difference] {
        guard let recorded else { return [] }
        var result: [Difference] = []
        var present: Set<String> = []
        for revision in revisions {
            guard let name = revision.fileName else { continue }
            present.insert(name)
            switch recorded[name] {
            case nil: result.append(Difference(kind: .unrecorded, fileName: name))
            case revision.checksum: break
            default: result.append(Difference(kind: .edited, fileName: name))
            }
        }
        result += recorded.keys.filter { !present.contains($0) }.map { Difference(kind: .missing, fileName: $0) }
        return result.sorted { $0.fileName < $1.fileName }
    }

    /// Refuses a folder with files that were edited or have gone since their checksums were recorded.
    ///
    /// - Throws: `integrity`, naming the first of them.
    public func checkIntegrity() throws(MigrationError) {
        let broken = differences().filter { $0.kind != .unrecorded }
        guard let first = broken.first else { return }
        let more = broken.count > 1 ? " (and \(broken.count - 1) more)" : ""
        throw MigrationError(
            .integrity,
            first.kind == .edited
                ? "The file was edited after its checksum was recorded\(more)."
                : "The file is missing, but its checksum is recorded\(more).",
            hint: "Bring it back, or record what is there now with roost migrate hash.",
            file: path + "/" + first.fileName
        )
    }

    /// Writes the list of checksums for what is there now.
    public mutating func recordChecksums() throws(MigrationError) {
        var text = "# Checksums of the migrations. Written by roost migrate hash.\n"
        var sums: [String: String] = [:]
        for revision in revisions {
            guard let name = revision.fileName else { continue }
            text += "\(revision.checksum) \(name)\n"
            sums[name] = revision.checksum
        }
        try Self.write(text, to: path + "/" + Self.checksumFile)
        recorded = sums
    }

    /// Writes a file whole or not at all.
    static func write(_ text: String, to file: String) throws(MigrationError) {
        do {
            try Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw MigrationError(.file, "The file cannot be written.", file: file)
        }
    }
}
