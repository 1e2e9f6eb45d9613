/// Packets as a server writes them, for peers that play one.
enum PeerPackets {
    /// One packet.
    static func packet(_ sequence: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length = payload.count
        return [UInt8(length & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length >> 16 & 0xFF), sequence] + payload
    }

    /// The packets of one answer.
    static func answer(_ payloads: [[UInt8]], from first: UInt8 = 1) -> [UInt8] {
        var result: [UInt8] = []
        for (index, payload) in payloads.enumerated() {
            result += packet(first &+ UInt8(truncatingIfNeeded: index), payload)
        }
        return result
    }

    static func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

    static func ok(moreResults: Bool = false) -> [UInt8] { [0, 0, 0, moreResults ? 0x0A : 2, 0, 0, 0] }
    /// The end of a result's rows.
    static func end(moreResults: Bool = false) -> [UInt8] { [0xFE, 0, 0, moreResults ? 0x0A : 2, 0, 0, 0] }

    static func error(_ code: UInt16, _ state: String, _ message: String) -> [UInt8] {
        [0xFF, UInt8(code & 0xFF), UInt8(code >> 8)] + Array("#\(state)\(message)".utf8)
    }

    /// A column: 3 for INT, 253 for text, …
    static func column(_ name: String, type: UInt8 = 3) -> [UInt8] {
        text("def") + text("d") + text("t") + text("t") + text(name) + text(name)
            + [0x0C, type == 253 ? 45 : 63, 0, 11, 0, 0, 0, type, 0, 0, 0, 0, 0]
    }

    /// The answer to a statement that is prepared: no parameters, and these columns.
    static func prepared(_ columns: [[UInt8]]) -> [[UInt8]] {
        [[0, 1, 0, 0, 0, UInt8(columns.count), 0, 0, 0, 0, 0, 0]] + columns
    }

    /// What the server says first: MySQL, by name older than session tracking and compression.
    static func greeting(offersTLS: Bool = false, version: String = "9.7.0") -> [UInt8] {
        let low: UInt16 = 0xA20B | (offersTLS ? 0x800 : 0)
        let high: UInt16 = 0x013E
        var payload: [UInt8] = [10] + Array(version.utf8) + [0, 7, 0, 0, 0] + Array("abcdefgh".utf8) + [0]
        payload += [UInt8(low & 0xFF), UInt8(low >> 8), 45, 2, 0, UInt8(high & 0xFF), UInt8(high >> 8), 21]
        payload += [UInt8](repeating: 0, count: 10) + Array("ijklmnopqrst".utf8) + [0]
        return packet(0, payload + Array("mysql_native_password".utf8) + [0])
    }

    /// The same from a MariaDB that runs in bulk, and statements along with their preparation.
    static func greetingOfMariaDB() -> [UInt8] {
        let (low, high): (UInt16, UInt16) = (0xA20A, 0x013E)
        var payload: [UInt8] = [10] + Array("5.5.5-10.11.6-MariaDB".utf8) + [0, 7, 0, 0, 0]
        payload += Array("abcdefgh".utf8) + [0]
        payload += [UInt8(low & 0xFF), UInt8(low >> 8), 45, 2, 0, UInt8(high & 0xFF), UInt8(high >> 8), 21]
        payload += [UInt8](repeating: 0, count: 6) + [4, 0, 0, 0] + Array("ijklmnopqrst".utf8) + [0]
        return packet(0, payload + Array("mysql_native_password".utf8) + [0])
    }
}
