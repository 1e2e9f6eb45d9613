import NIOCore
import Roost

/// Messages to the server, written where they leave from (PostgreSQL documentation, "Message Formats").
extension ByteBuffer {
    /// Writes a message of this type; its length is filled in afterwards.
    @inline(__always)
    mutating func writeMessage(_ type: Unicode.Scalar, _ body: (inout ByteBuffer) -> Void) {
        writeInteger(UInt8(ascii: type))
        writeSized(body)
    }

    /// Writes a length that counts itself, then what `body` writes.
    @inline(__always)
    private mutating func writeSized(_ body: (inout ByteBuffer) -> Void) {
        let start = writerIndex
        writeInteger(Int32(0))
        body(&self)
        setInteger(Int32(truncatingIfNeeded: writerIndex - start), at: start)
    }

    mutating func writeZeroTerminated(_ text: String) {
        writeString(text)
        writeInteger(UInt8(0))
    }

    /// `StartupMessage`, protocol 3.0.
    mutating func writeStartup(_ parameters: [(String, String)]) {
        writeSized { buffer in
            buffer.writeInteger(Int32(196_608))
            for (name, value) in parameters {
                buffer.writeZeroTerminated(name)
                buffer.writeZeroTerminated(value)
            }
            buffer.writeInteger(UInt8(0))
        }
    }

    /// `SSLRequest`.
    mutating func writeSSLRequest() {
        writeInteger(Int32(8))
        writeInteger(Int32(80_877_103))
    }

    /// `CancelRequest`.
    mutating func writeCancelRequest(processID: Int32, secret: [UInt8]) {
        writeInteger(Int32(truncatingIfNeeded: 12 + secret.count))
        writeInteger(Int32(80_877_102))
        writeInteger(processID)
        writeBytes(secret)
    }

    /// `PasswordMessage`.
    mutating func writePassword(_ password: String) {
        writeMessage("p") { $0.writeZeroTerminated(password) }
    }

    /// `SASLInitialResponse`.
    mutating func writeSASLInitial(mechanism: String, response: [UInt8]) {
        writeMessage("p") { buffer in
            buffer.writeZeroTerminated(mechanism)
            buffer.writeInteger(Int32(truncatingIfNeeded: response.count))
            buffer.writeBytes(response)
        }
    }

    /// `SASLResponse`.
    mutating func writeSASLResponse(_ response: [UInt8]) {
        writeMessage("p") { $0.writeBytes(response) }
    }

    /// `Query`.
    mutating func writeQuery(_ text: String) {
        writeMessage("Q") { $0.writeZeroTerminated(text) }
    }

    /// `Parse`.
    mutating func writeParse(name: String, text: String, parameterTypes: [UInt32]) {
        writeMessage("P") { buffer in
            buffer.writeZeroTerminated(name)
            buffer.writeZeroTerminated(text)
            buffer.writeInteger(UInt16(truncatingIfNeeded: parameterTypes.count))
            for type in parameterTypes { buffer.writeInteger(type) }
        }
    }

    /// `Describe` of a statement.
    mutating func writeDescribe(statement name: String) {
        writeMessage("D") { buffer in
            buffer.writeInteger(UInt8(ascii: "S"))
            buffer.writeZeroTerminated(name)
        }
    }

    /// `Bind` of the unnamed portal; `parameters` writes one value for each of the statement's parameters.
    ///
    /// Without codecs all columns are asked for as text.
    @inline(__always)
    mutating func writeBind(
        _ statement: ServerStatement,
        codecs: [ColumnCodec]?,
        _ parameters: (inout ByteBuffer) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        writeInteger(UInt8(ascii: "B"))
        let start = writerIndex
        writeInteger(Int32(0))
        writeInteger(UInt8(0))
        writeZeroTerminated(statement.name)
        let count = UInt16(truncatingIfNeeded: statement.parameterTypes.count)
        writeInteger(count)
        for type in statement.parameterTypes { writeInteger(Int16(ParameterEncoding.isBinary(type) ? 1 : 0)) }
        writeInteger(count)
        try parameters(&self)
        if let codecs {
            writeInteger(UInt16(truncatingIfNeeded: codecs.count))
            for codec in codecs { writeInteger(Int16(codec.isBinary ? 1 : 0)) }
        } else {
            writeInteger(UInt16(0))
        }
        setInteger(Int32(truncatingIfNeeded: writerIndex - start), at: start)
    }

    /// `Execute` of the unnamed portal, all rows.
    @inline(__always)
    mutating func writeExecute() {
        writeInteger(UInt8(ascii: "E"))
        writeInteger(Int32(9))
        writeInteger(UInt8(0))
        writeInteger(Int32(0))
    }

    /// `Close` of a statement.
    mutating func writeClose(statement name: String) {
        writeMessage("C") { buffer in
            buffer.writeInteger(UInt8(ascii: "S"))
            buffer.writeZeroTerminated(name)
        }
    }

    /// `Sync`.
    @inline(__always)
    mutating func writeSync() {
        writeInteger(UInt8(ascii: "S"))
        writeInteger(Int32(4))
    }

    /// `Terminate`.
    mutating func writeTerminate() {
        writeInteger(UInt8(ascii: "X"))
        writeInteger(Int32(4))
    }
}
