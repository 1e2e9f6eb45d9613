import Foundation

/// How SASL prepares passwords (SASLprep, RFC 4013).
enum SASLPreparation {
    /// The bytes that are hashed: mapped and normalised to NFKC; ASCII as it is.
    static func prepare(_ password: String) -> [UInt8] {
        if password.utf8.allSatisfy({ $0 < 0x80 }) { return Array(password.utf8) }
        var mapped = ""
        for scalar in password.unicodeScalars {
            switch scalar.value {
            // Spaces of other widths become spaces (RFC 3454 table C.1.2).
            case 0x00A0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: mapped.unicodeScalars.append(" ")
            // Characters without width vanish (table B.1).
            case 0x00AD, 0x034F, 0x1806, 0x180B...0x180D, 0x200B...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF: break
            default: mapped.unicodeScalars.append(scalar)
            }
        }
        return Array(mapped.precomposedStringWithCompatibilityMapping.utf8)
    }
}
