import Foundation
import Roost

@testable import RoostPostgreSQL

private let ownTypes: [@Sendable (UnsafeRawBufferPointer) -> Void] = [
    reading(PostgreSQLRange<Int>.self), reading(PostgreSQLRange<BigDecimal>.self),
    reading(PostgreSQLRange<LocalDate>.self), reading(PostgreSQLRange<LocalDateTime>.self),
    reading(PostgreSQLRange<Instant>.self), reading(PostgreSQLMultirange<Int>.self),
    reading(PostgreSQLMultirange<Instant>.self), reading(PostgreSQLComposite.self), reading(PostgreSQLPoint.self),
    reading(PostgreSQLLine.self), reading(PostgreSQLLineSegment.self), reading(PostgreSQLBox.self),
    reading(PostgreSQLPath.self), reading(PostgreSQLPolygon.self), reading(PostgreSQLCircle.self),
    reading(PostgreSQLInternetAddress.self), reading(PostgreSQLHardwareAddress.self), reading(PostgreSQLBits.self),
    reading(Bool.self), reading(Int16.self), reading(Double.self), reading(Float.self), reading(BigDecimal.self),
    reading(UUID.self), reading(JSON.self), reading(String.self), reading(LocalDate.self), reading(LocalTime.self),
    reading(OffsetTime.self), reading(LocalDateTime.self), reading(Instant.self), reading(Interval.self),
    reading([Int].self), reading([[String]].self), reading([PostgreSQLBox].self), reading([PostgreSQLRange<Int>].self),
    reading([PostgreSQLComposite].self),
]

/// Texts of PostgreSQL's own types and of what they are made of: what is read is written as a text that reads the same.
func fuzzOwnType(_ bytes: UnsafeRawBufferPointer, _ detail: UInt8) {
    ownTypes[Int(detail) % ownTypes.count](bytes)
}

private func reading<T: PostgreSQLTextRepresentable>(_ type: T.Type) -> @Sendable (UnsafeRawBufferPointer) -> Void {
    { readAndWrite(T.self, $0) }
}

private func readAndWrite<T: PostgreSQLTextRepresentable>(_ type: T.Type, _ bytes: UnsafeRawBufferPointer) {
    guard let value = T(postgreSQLText: bytes) else { return }
    let text = value.postgreSQLText
    guard let again = T(postgreSQLText: text) else { fatalError("the text of a \(T.self) cannot be read") }
    if again.postgreSQLText != text { fatalError("a \(T.self) changed on its way back") }
    if let composite = value as? PostgreSQLComposite {
        for index in -1...min(composite.fields.count, 8) {
            _ = try? composite.decode(index, as: PostgreSQLComposite?.self)
            _ = try? composite.decode(index, as: [Int].self)
        }
    }
}
