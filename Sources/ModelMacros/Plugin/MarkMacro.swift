#if ModelMacros
import SwiftSyntax
import SwiftSyntaxMacros

/// The attributes of properties: they expand to nothing, for `@Model` reads them; on anything else they would be silently without effect.
struct MarkMacro: PeerMacro {
    static func expansion(
        of node: AttributeSyntax,
        providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        guard let mark = Mark(node) else { return [] }
        let owner = context.lexicalContext.first?.as(StructDeclSyntax.self)
        let isRead = owner?.attributes.attributes.contains { ["Model", "Embeddable"].contains($0.name) } == true
        // What else is wrong with the property, @Model says.
        if !isRead || !declaration.is(VariableDeclSyntax.self) { context.report(node, .isAlone(mark)) }
        return []
    }
}
#endif
