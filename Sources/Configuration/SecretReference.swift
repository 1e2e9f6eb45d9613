public import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where a password is kept.
public enum SecretReference: Sendable, Hashable {
    /// In an environment variable.
    case environment(String)
    /// In a file; line ends at its end are dropped.
    case file(String)
    /// What a program prints; no shell is involved.
    case command([String])
    /// In the configuration itself: it works, and `roost doctor` reports it.
    case literal(Secret)

    /// Fetches the secret.
    ///
    /// - Throws: ``ConfigurationError`` that says where it was looked for.
    public func resolve(in environment: Environment) throws(ConfigurationError) -> Secret {
        switch self {
        case .literal(let secret): return secret
        case .environment(let name):
            guard let value = environment[name] else {
                throw ConfigurationError("The variable \(name), which holds a password, is not set.")
            }
            return Secret(value)
        case .file(let path):
            guard let data = try? Data(contentsOf: URL(filePath: path)) else {
                throw ConfigurationError("The file \(path), which holds a password, cannot be read.")
            }
            return Secret(Self.trimmed(String(decoding: data, as: UTF8.self)))
        case .command(let arguments):
            return Secret(Self.trimmed(try CommandOutput.run(arguments)))
        }
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
