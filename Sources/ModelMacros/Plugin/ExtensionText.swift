#if ModelMacros
import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// An extension as text, which is how people read it.
struct ExtensionText {
    private let text: String

    /// - Parameter protocols: what the type conforms to by the extension; none where it says so itself.
    init(_ type: some TypeSyntaxProtocol, _ protocols: [String], _ members: [String]) {
        let conformances = protocols.isEmpty ? "" : ": " + protocols.joined(separator: ", ")
        text = .block("extension \(type.trimmedDescription)\(conformances)", [members.joined(separator: "\n\n")])
    }

    var syntax: [ExtensionDeclSyntax] {
        let declaration: DeclSyntax = "\(raw: text)"
        return declaration.as(ExtensionDeclSyntax.self).map { [$0] } ?? []
    }
}

extension String {
    /// A head and, between braces, lines under it.
    static func block(_ head: String, _ lines: [String]) -> String {
        let body = lines.joined(separator: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        return "\(head) {\n\(body.map { $0.isEmpty ? "" : "    \($0)" }.joined(separator: "\n"))\n}"
    }
}

extension MacroExpansionContext {
    func report(_ node: some SyntaxProtocol, _ message: ModelDiagnostic) {
        diagnose(Diagnostic(node: node, message: message))
    }
}
#endif
