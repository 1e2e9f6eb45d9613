import Roost
import RoostTestSupport
import Testing

@testable import RoostMySQL

/// What becomes of the servers' errors. The messages are those of MySQL 9 and MariaDB 10.11.
@Suite struct MySQLErrorsTests {
    private func error(
        _ code: UInt16,
        _ state: String?,
        _ message: String,
        engine: String = "mysql"
    ) -> DatabaseError {
        MySQLErrors.error(code: code, sqlState: state, message: message, engine: engine)
    }

    typealias Known = (
        code: UInt16, state: String, category: DatabaseError.Category, condition: DatabaseError.Condition
    )

    static let known: [Known] = [
        (1062, "23000", .integrity, .uniqueViolation),
        (1586, "23000", .integrity, .uniqueViolation),
        (1022, "23000", .integrity, .uniqueViolation),
        (1451, "23000", .integrity, .foreignKeyViolation),
        (1452, "23000", .integrity, .foreignKeyViolation),
        (1216, "23000", .integrity, .foreignKeyViolation),
        (1217, "23000", .integrity, .foreignKeyViolation),
        (1048, "23000", .integrity, .notNullViolation),
        (1364, "HY000", .integrity, .notNullViolation),
        (3819, "HY000", .integrity, .checkViolation),
        (1406, "22001", .data, .valueTooLong),
        (1264, "22003", .data, .valueOutOfRange),
        (1690, "22003", .data, .valueOutOfRange),
        (1265, "01000", .data, .malformedValue),
        (1292, "22007", .data, .malformedValue),
        (1366, "HY000", .data, .malformedValue),
        (1365, "22012", .data, .divisionByZero),
        (1064, "42000", .programming, .syntaxError),
        (1149, "42000", .programming, .syntaxError),
        (1146, "42S02", .programming, .undefinedTable),
        (1051, "42S02", .programming, .undefinedTable),
        (1109, "42S02", .programming, .undefinedTable),
        (1054, "42S22", .programming, .undefinedColumn),
        (1049, "42000", .operational, .undefinedDatabase),
        (1046, "3D000", .programming, .undefinedDatabase),
        (1050, "42S01", .programming, .duplicateObject),
        (1007, "HY000", .programming, .duplicateObject),
        (1045, "28000", .operational, .authenticationFailed),
        (1698, "28000", .operational, .authenticationFailed),
        (1044, "42000", .operational, .insufficientPrivilege),
        (1142, "42000", .operational, .insufficientPrivilege),
        (1143, "42000", .operational, .insufficientPrivilege),
        (1227, "42000", .operational, .insufficientPrivilege),
        (1213, "40001", .operational, .deadlock),
        (1205, "HY000", .operational, .lockTimeout),
        (3572, "HY000", .operational, .lockTimeout),
        (1020, "HY000", .operational, .serializationFailure),
        (1040, "08004", .operational, .tooManyConnections),
        (1203, "42000", .operational, .tooManyConnections),
        (2006, "HY000", .operational, .connectionLost),
        (1053, "08S01", .operational, .connectionLost),
        (1079, "HY000", .operational, .connectionLost),
        (1927, "70100", .operational, .connectionLost),
        (1317, "70100", .operational, .cancelled),
        (1969, "70100", .operational, .timeout),
        (3024, "HY000", .operational, .timeout),
        (1792, "25006", .operational, .readOnly),
        (1836, "HY000", .operational, .readOnly),
        (1243, "HY000", .programming, .undefinedObject),
        (1206, "HY000", .operational, .outOfMemory),
        (1153, "08S01", .data, .valueTooLong),
        (1397, "XAE04", .programming, .undefinedObject),
        (1399, "XAE07", .programming, .invalidTransactionState),
        (1400, "XAE09", .programming, .invalidTransactionState),
        (1402, "XA100", .operational, .transactionAborted),
        (1440, "XAE08", .programming, .duplicateObject),
        (1129, "HY000", .operational, .cannotConnect),
        (1862, "HY000", .operational, .authenticationFailed),
        (3159, "HY000", .operational, .tlsFailed),
        (3948, "42000", .notSupported, .notSupported),
        (3140, "22032", .data, .malformedValue),
        // By their class alone.
        (6999, "42S22", .programming, .undefinedColumn),
        (6999, "22999", .data, .malformedValue),
        (6999, "23999", .integrity, .constraintViolation),
        (6999, "HY000", .operational, .other),
        (1644, "45000", .programming, .userFunctionFailed),
    ]

    @Test(arguments: known)
    func codesHaveTheirConditions(known: Known) {
        let error = error(known.code, known.state, "Something")
        #expect(error.category == known.category && error.condition == known.condition)
        let expected = MySQLErrors.state(of: known.condition) ?? (known.state == "HY000" ? nil : known.state)
        #expect(error.nativeCode == Int(known.code) && error.sqlState == expected)
        #expect(error.message == "Something." && error.engine == "mysql")
    }

    @Test func theServersDifferFrom4000On() {
        let idle = "The client was disconnected by the server because of inactivity."
        #expect(error(4031, "HY000", idle).condition == .connectionLost)
        #expect(error(4031, "HY000", "Referenced trigger 'x' does not exist", engine: "MariaDB").condition == .other)
        #expect(error(4025, "23000", "x", engine: "mariadb").condition == .checkViolation)
        #expect(error(4025, "HY000", "x").condition == .other)
        #expect(error(4151, "HY000", "Access denied", engine: "MariaDB").condition == .authenticationFailed)
        #expect(error(4166, "42000", "x", engine: "mariadb").condition == .notSupported)
        #expect(MySQLErrors.endsConnection(code: 4031))
        #expect(!MySQLErrors.endsConnection(code: 4031, engine: "MariaDB"))
        #expect(MySQLErrors.endsConnection(code: 1927) && !MySQLErrors.endsConnection(code: 1062))
    }

    @Test func someDependOnTheMessage() {
        #expect(error(1305, "42000", "SAVEPOINT a does not exist").condition == .invalidSavepoint)
        #expect(error(1305, "42000", "FUNCTION d.f does not exist").condition == .undefinedFunction)
        let option = "The MySQL server is running with the --read-only option so it cannot execute this statement"
        #expect(error(1290, "HY000", option).condition == .readOnly)
        #expect(error(1290, "HY000", "running with the --secure-file-priv option").condition == .other)
        #expect(error(1030, "HY000", "Got error 28 \"No space left on device\" from InnoDB").condition == .diskFull)
        #expect(error(1396, "HY000", "Operation CREATE USER failed for 'a'@'%'").condition == .duplicateObject)
        #expect(error(1396, "HY000", "Operation DROP USER failed for 'a'@'%'").condition == .undefinedObject)
    }

    @Test func whatIsWorthAnotherAttempt() {
        for code: UInt16 in [1205, 1213, 1040, 1053, 1615, 1020, 1203, 3572] {
            #expect(error(code, "HY000", "x").isRetryable, "\(code)")
        }
        for code: UInt16 in [1045, 1062, 1064, 1129, 1130, 1317, 3024, 1153] {
            #expect(!error(code, "HY000", "x").isRetryable, "\(code)")
        }
        let perHour = "User 'a' has exceeded the 'max_queries_per_hour' resource (current value: 5)"
        #expect(!error(1226, "42000", perHour).isRetryable)
        #expect(error(1226, "42000", "User 'a' has exceeded the 'max_user_connections' resource").isRetryable)
        #expect(
            MySQLErrors.isUnprepared(error(1615, "HY000", "x")) && MySQLErrors.isUnprepared(error(1243, "HY000", "x"))
        )
        #expect(!MySQLErrors.isUnprepared(error(1064, "42000", "x")))
    }

    @Test func packetsBeforeTheLoginHaveNoState() {
        #expect(error(1040, nil, "Too many connections").sqlState == "53300")
        #expect(error(1130, nil, "Host 'h' is not allowed to connect").sqlState == nil)
        #expect(error(1130, nil, "").message == "The server gave no reason.")
    }

    // MARK: Values

    typealias Redacted = (code: UInt16, state: String, message: String, shown: String)

    static let redacted: [Redacted] = [
        (1062, "23000", "Duplicate entry 'SECRET' for key 't.email'", "Duplicate entry '…' for key 't.email'."),
        (1062, "23000", "Duplicate entry 'a' for key 'SECRET' for key 'email'", "Duplicate entry '…' for key 'email'."),
        (1062, "23000", "Doppelter Eintrag 'SECRET' für Schlüssel 'k'", "Doppelter Eintrag '…'."),
        (1586, "23000", "Duplicate entry 'it's SECRET' for key 'k'", "Duplicate entry '…' for key 'k'."),
        (
            1366, "HY000", "Incorrect integer value: 'SECRET' for column 'n' at row 3",
            "Incorrect integer value: '…' for column 'n' at row 3."
        ),
        (
            1366, "22007", "Incorrect integer value: 'SECRET' for column `d`.`t`.`n` at row 1",
            "Incorrect integer value: '…' for column `d`.`t`.`n` at row 1."
        ),
        (
            1366, "HY000", "Incorrect integer value: 'x' for column 'SECRET' at row 1' for column 'n' at row 1",
            "Incorrect integer value: '…' for column 'n' at row 1."
        ),
        (1292, "22007", "Truncated incorrect DOUBLE value: 'SECRET'", "Truncated incorrect DOUBLE value: '…'."),
        (
            1292, "22007", "Truncated incorrect DOUBLE value: 'a' for column 'SECRET' at row 1'",
            "Truncated incorrect DOUBLE value: '…'."
        ),
        (
            1292, "22007", "Incorrect datetime value: '2025-SECRET' for column 'at' at row 1",
            "Incorrect datetime value: '…' for column 'at' at row 1."
        ),
        (
            1411, "HY000", "Incorrect datetime value: 'SECRET' for function str_to_date",
            "Incorrect datetime value: '…' for function str_to_date."
        ),
        (1525, "HY000", "Incorrect DATE value: 'SECRET'", "Incorrect DATE value: '…'."),
        (1300, "HY000", "Invalid utf8mb4 character string: 'SECRET'", "Invalid utf8mb4 character string: '…'."),
        (
            1367, "22007", "Illegal double 'SECRET' value found during parsing",
            "Illegal double '…' value found during parsing."
        ),
        (1690, "22003", "BIGINT value is out of range in '(SECRET + 1)'", "BIGINT value is out of range in '…'."),
        (1526, "HY000", "Table has no partition for value SECRET", "The table has no partition for a value."),
        (
            1231, "42000", "Variable 'sql_mode' can't be set to the value of 'SECRET'",
            "Variable 'sql_mode' can't be set to the value of '…'."
        ),
        (
            1918, "22007", "Encountered illegal value 'SECRET' when converting to INT",
            "Encountered illegal value '…' when converting to INT."
        ),
        (
            3854, "HY000", "Cannot convert string 'SECRET' from utf8mb4 to latin1",
            "Cannot convert string '…' from utf8mb4 to latin1."
        ),
        // Not in any table: the class alone says that there may be values.
        (6999, "22S02", "Latitude 4711.5 is out of range in function f", "Latitude … is out of range in function f."),
        (6999, "23000", "Row \"SECRET\" refused", "Row \"…\" refused."),
        (
            1064, "42000", "You have an error in your SQL syntax; use near 'FORM t WHERE a = 'SECRET'' at line 2",
            "The statement has a syntax error near \"FORM\" in line 2."
        ),
        (
            1064, "42000", "You have an error; use near ''SECRET' x' at line 1",
            "The statement has a syntax error in line 1."
        ),
        (
            1064, "42000", "You have an error; use near '4711 x' at line 1",
            "The statement has a syntax error in line 1."
        ),
        (
            1064, "42000", "You have an error; use near '' at line 7",
            "The statement has a syntax error at its end in line 7."
        ),
        (1064, "42000", "Fehler bei 'SECRET 'x'' in Zeile 1", "Fehler bei '…' in Zeile 1."),
    ]

    @Test(arguments: redacted)
    func valuesAreNotShown(redacted: Redacted) {
        let error = error(redacted.code, redacted.state, redacted.message)
        #expect(error.message == redacted.shown)
        for text in ["SECRET", "4711"] { #expect(!"\(error)\(error.debugDescription)".contains(text)) }
    }

    @Test(
        arguments: [
            (1048, "23000", "Column 'name' cannot be null"),
            (1264, "22003", "Out of range value for column 'n' at row 17"),
            (1451, "23000", "Cannot delete or update a parent row: a foreign key constraint fails (`d`.`t`)"),
            (3819, "HY000", "Check constraint 'positive' is violated"),
            (1146, "42S02", "Table 'd.t' doesn't exist"),
            (1317, "70100", "Query execution was interrupted"),
            (1105, "HY000", "Unknown error"),
        ] as [(UInt16, String, String)]
    )
    func otherWordsAreKept(code: UInt16, state: String, message: String) {
        #expect(error(code, state, message).message == message + ".")
    }

    // MARK: Names

    @Test func messagesNameTheirSubject() {
        let mysql = error(1062, "23000", "Duplicate entry 'x' for key 'users.email'")
        #expect(mysql.table == "users" && mysql.constraint == "email")
        let mariadb = error(1062, "23000", "Duplicate entry 'x' for key 'a.b'", engine: "MariaDB")
        #expect(mariadb.table == nil && mariadb.constraint == "a.b")
        #expect(error(1859, "23000", "Duplicate entry for key 'k'").constraint == "k")
        #expect(error(1022, "23000", "Can't write; duplicate key in table 't'").table == "t")
        #expect(error(1048, "23000", "Column 'c' cannot be null").column == "c")
        #expect(error(1364, "HY000", "Field 'c' doesn't have a default value").column == "c")
        #expect(error(1406, "22001", "Data too long for column 'c' at row 1").column == "c")
        let qualified = error(1366, "22007", "Incorrect integer value: 'x' for column `d`.`t`.`c``d` at row 1")
        #expect(qualified.schema == "d" && qualified.table == "t" && qualified.column == "c`d")
        let unknown = error(1054, "42S22", "Unknown column 't.c' in 'field list'")
        #expect(unknown.table == "t" && unknown.column == "c")
        let missing = error(1146, "42S02", "Table 'd.t' doesn't exist")
        #expect(missing.schema == "d" && missing.table == "t")
        let foreign = error(
            1452,
            "23000",
            "Cannot add or update a child row: a foreign key constraint fails "
                + "(`d`.`t`, CONSTRAINT `fk` FOREIGN KEY (`a`, `b`) REFERENCES `p` (`x`, `y`))"
        )
        #expect(foreign.schema == "d" && foreign.table == "t" && foreign.constraint == "fk" && foreign.column == "a, b")
        #expect(error(3819, "HY000", "Check constraint 'positive' is violated.").constraint == "positive")
        let check = error(4025, "23000", "CONSTRAINT `positive` failed for `d`.`t`", engine: "mariadb")
        #expect(check.constraint == "positive" && check.schema == "d" && check.table == "t")
        let json = error(
            3140,
            "22032",
            "Invalid JSON text: \"Missing a '}'.\" at position 3 in value for column 't.j'."
        )
        #expect(json.table == "t" && json.column == "j")
        #expect(error(1062, "23000", "Doppelter Eintrag 'x' für Schlüssel 'k'").constraint == nil)
    }

    @Test func syntaxErrorsHaveAPlace() {
        let text = "SELECT 1\nFROM a WHRE b = 1"
        let message = "… right syntax to use near 'b = 1' at line 2"
        #expect(MySQLErrors.position(code: 1064, message: message, in: text) == 22)
        #expect(MySQLErrors.position(code: 1064, message: "near 'x' at line 1", in: text) == nil)
        #expect(MySQLErrors.position(code: 1064, message: " near 'zzz' at line 1", in: text) == nil)
        #expect(MySQLErrors.position(code: 1054, message: message, in: text) == nil)
        #expect(
            MySQLErrors.position(code: 1064, message: " near 'b = 1' at line 99999999999999999999", in: text) == nil
        )
        #expect(MySQLErrors.position(code: 1064, message: " near 'b = 1' at line -1", in: text) == nil)
    }

    @Test func randomMessagesNeverTrapAndNeverShowValues() {
        var generator = SeededGenerator(seed: 77)
        let parts = [
            "'", "''", "\"", "`", "``", " for key ", " for column ", " at row 1", " near '", "' at line ", "(", ")",
            ".", " ", "é", "\u{0}",
            "CONSTRAINT ", " FOREIGN KEY (", " the value of ", " when converting to ", "12", "x", "\u{301}", "👩‍👩‍👧",
        ]
        let codes: [UInt16] = [1062, 1064, 1231, 1292, 1366, 1411, 1451, 1452, 1586, 1918, 3140, 3819, 4025, 6999]
        for _ in 0..<1_000 {
            let message = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                parts[Int.random(in: parts.indices, using: &generator)]
            }.joined()
            for code in codes {
                let error = error(code, Bool.random(using: &generator) ? "22000" : "HY000", message, engine: "mariadb")
                #expect(!error.message.isEmpty)
                _ = MySQLErrors.position(code: code, message: message, in: message)
            }
        }
        // Whatever a value looks like, it does not get out.
        for _ in 0..<1_000 {
            let value =
                "SECRET"
                + (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                    parts[Int.random(in: parts.indices, using: &generator)]
                        + (Bool.random(using: &generator) ? "SECRET" : "")
                }.joined()
            let messages: [(UInt16, String)] = [
                (1062, "Duplicate entry '\(value)' for key 't.k'"),
                (1366, "Incorrect integer value: '\(value)' for column 'c' at row 1"),
                (1292, "Truncated incorrect DOUBLE value: '\(value)'"),
                (1411, "Incorrect datetime value: '\(value)' for function str_to_date"),
                (1918, "Encountered illegal value '\(value)' when converting to INT"),
                (1525, "Incorrect DATE value: '\(value)'"),
                (6999, "Something '\(value)' is wrong"),
            ]
            for (code, message) in messages {
                let error = error(code, "22007", message)
                #expect(!error.description.contains("SECRET"), "\(message)")
            }
        }
    }
}
