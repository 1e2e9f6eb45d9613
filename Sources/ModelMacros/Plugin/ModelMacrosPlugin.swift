#if ModelMacros
import SwiftCompilerPlugin
import SwiftSyntaxMacros

/// What the compiler asks to expand the macros.
@main
struct ModelMacrosPlugin: CompilerPlugin {
    let providingMacros: [any Macro.Type] = [ModelMacro.self, EmbeddableMacro.self, MarkMacro.self]
}
#else
/// Without the trait there is nothing to expand, and no swift-syntax; SwiftPM builds the target all the same.
@main
enum ModelMacrosPlugin {
    static func main() {}
}
#endif
