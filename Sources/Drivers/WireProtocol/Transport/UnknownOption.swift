package import Roost

extension DatabaseURL {
    /// What is said of an option that a driver does not know.
    ///
    /// A `?` that stands in a password as it is makes an option of what follows: a name that can be none, or one beside an `@`, is not
    /// repeated.
    package func unknownOption(_ name: String, known: Set<String>, engine: String) -> DatabaseError {
        let isName = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let maybeSecret = !isName || options.contains { $0.value.contains("@") }
        return DatabaseError(
            .interface,
            .invalidConfiguration,
            maybeSecret ? "The database URL has an option that is not known." : "The option \"\(name)\" is not known.",
            hint: (maybeSecret ? "Percent-encode ? in user name and password. " : "")
                + "Known are \(known.union(ConnectionConfiguration.commonOptions).sorted().joined(separator: ", ")).",
            engine: engine
        )
    }
}
