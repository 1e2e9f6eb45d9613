import Roost

extension MySQLErrors {
    typealias Kind = (category: DatabaseError.Category, condition: DatabaseError.Condition)

    /// Category and condition of an error (MySQL "Server Error Message Reference", MariaDB "Error Code Reference").
    static func kind(_ facts: Facts) -> Kind {
        if facts.code < 4000 { return connections(facts) ?? statements(facts) ?? data(facts) ?? states(facts.state) }
        return (facts.isMariaDB ? mariaDB(facts.code) : mySQL(facts)) ?? states(facts.state)
    }

    /// Logins, connections, locks, transactions and the server's resources.
    private static func connections(_ facts: Facts) -> Kind? {
        switch facts.code {
        case 1040, 1203, 1226: (.operational, .tooManyConnections)
        case 1042, 1129, 3032, 3168: (.operational, .cannotConnect)
        case 1045, 1130, 1251, 1275, 1524, 1698, 1820, 1862, 1873, 3118, 3955: (.operational, .authenticationFailed)
        case 3159: (.operational, .tlsFailed)
        case 1044, 1131, 1132, 1142, 1143, 1211, 1227, 1370, 1410, 3202, 3630, 3879:
            (.operational, .insufficientPrivilege)
        case 1053, 1077, 1079, 1080, 1152, 1154, 1158...1161, 1184, 1927, 2006, 2013, 3169:
            (.operational, .connectionLost)
        case 1047 where facts.message.contains("WSREP"): (.operational, .other)
        case 1043, 1047, 1156, 1157, 1835: (.internal, .protocolViolation)
        case 1317: (.operational, .cancelled)
        case 1613, 1931, 1969, 3024, 3699: (.operational, .timeout)
        case 1205, 1223, 1689, 3133, 3177, 3572: (.operational, .lockTimeout)
        case 1213, 1614, 3058, 3132: (.operational, .deadlock)
        // MariaDB's innodb_snapshot_isolation; group replication's certification.
        case 1020, 1412, 3101: (.operational, .serializationFailure)
        case 1402, 1622: (.operational, .transactionAborted)
        case 1036, 1792, 1836, 1874, 3989: (.operational, .readOnly)
        case 1290: (.operational, namesReadOnly(facts.message) ? .readOnly : .other)
        case 1100, 1179, 1192, 1207, 1399, 1400, 1568, 1679, 1766: (.programming, .invalidTransactionState)
        case 1305 where facts.message.contains("SAVEPOINT "): (.programming, .invalidSavepoint)
        case 1021, 1114, 3675: (.operational, .diskFull)
        case 1030: (.operational, facts.message.contains("error 28 ") ? .diskFull : .ioError)
        case 1037, 1038, 1041, 1135, 1206, 1257: (.operational, .outOfMemory)
        case 1004, 1006, 1009...1018, 1023...1026, 1180: (.operational, .ioError)
        case 1033, 1034, 1035, 1194, 1195, 1259, 1602, 1712, 1728, 1817, 1877: (.operational, .corrupted)
        case 1401, 1461, 1637, 1197: (.operational, .other)
        case 1615: (.operational, .invalidStatement)
        default: nil
        }
    }

    /// Syntax, names, and what is not supported.
    private static func statements(_ facts: Facts) -> Kind? {
        switch facts.code {
        case 1064, 1149: (.programming, .syntaxError)
        case 1029, 1051, 1109, 1146, 1824, 1932: (.programming, .undefinedTable)
        case 1054, 1072, 1247: (.programming, .undefinedColumn)
        case 1106, 1128, 1305, 1630: (.programming, .undefinedFunction)
        case 1008, 1046: (.programming, .undefinedDatabase)
        case 1049: (.operational, .undefinedDatabase)
        case 1091, 1094, 1115, 1141, 1147, 1176, 1193, 1243, 1273, 1284, 1286, 1298, 1327, 1360, 1397, 1431, 1449, 1477,
            1539, 1649, 1735, 1911, 1957, 1974, 1976, 3821:
            (.programming, .undefinedObject)
        case 1007, 1050, 1060, 1061, 1066, 1068, 1086, 1125, 1304, 1330...1333, 1359, 1440, 1476, 1517, 1537, 1700,
            1813, 1826, 1831, 1968, 1973, 1975, 3163, 3822:
            (.programming, .duplicateObject)
        case 1396: (.programming, facts.message.contains("CREATE") ? .duplicateObject : .undefinedObject)
        case 1052: (.programming, .ambiguousName)
        case 1107, 1108, 1210, 1318, 1390, 1582...1584: (.programming, .parameterMismatch)
        case 1232, 1267, 1270, 1271: (.programming, .typeMismatch)
        case 1398: (.programming, .invalidStatement)
        case 1329: (.data, .noRow)
        case 1172: (.data, .tooManyRows)
        case 1312: (.programming, .unexpectedResult)
        case 1031, 1148, 1178, 1214, 1235, 1289, 1295, 1845, 1846, 3948: (.notSupported, .notSupported)
        default: nil
        }
    }

    /// Constraints and values.
    private static func data(_ facts: Facts) -> Kind? {
        switch facts.code {
        case 1022, 1062, 1169, 1569, 1586, 1761, 1762, 1859: (.integrity, .uniqueViolation)
        case 1216, 1217, 1451, 1452, 1701, 1834, 3008, 3730: (.integrity, .foreignKeyViolation)
        case 1048, 1263, 1364, 3673: (.integrity, .notNullViolation)
        case 3819: (.integrity, .checkViolation)
        case 1369, 1526, 1591, 1748: (.integrity, .constraintViolation)
        case 1153, 1162, 1301, 1406, 1742, 3907: (.data, .valueTooLong)
        case 1264, 1299, 1441, 1467, 1690, 1916, 3155, 3616, 3617, 3669, 3731, 3732, 3752, 3904:
            (.data, .valueOutOfRange)
        case 1365: (.data, .divisionByZero)
        case 1138: (.data, .unexpectedNull)
        case 1265, 1292, 1300, 1366, 1367, 1411, 1416, 1525, 1575, 1861, 1917...1919, 1921, 1922, 1977, 1978, 3037,
            3069...3072, 3140...3158, 3685...3698, 3700, 3853, 3854, 3903, 3988:
            (.data, .malformedValue)
        case 1231, 3976: (.data, .malformedValue)
        default: nil
        }
    }

    /// MariaDB's own numbers.
    private static func mariaDB(_ code: UInt16) -> Kind? {
        switch code {
        case 4025: (.integrity, .checkViolation)
        case 4035...4046, 4048...4051, 4076, 4178, 4179: (.data, .malformedValue)
        case 4075: (.data, .valueTooLong)
        case 4078, 4079: (.programming, .typeMismatch)
        case 4080: (.programming, .parameterMismatch)
        case 4084: (.data, .valueOutOfRange)
        case 4091, 4092: (.programming, .undefinedTable)
        case 4098, 4149, 4161: (.programming, .undefinedObject)
        case 4139: (.operational, .diskFull)
        case 4145: (.operational, .lockTimeout)
        case 4150, 4151: (.operational, .authenticationFailed)
        case 4166: (.notSupported, .notSupported)
        default: nil
        }
    }

    /// MySQL's own numbers.
    private static func mySQL(_ facts: Facts) -> Kind? {
        switch facts.code {
        case 4031: (.operational, .connectionLost)
        case 4153, 6058, 6138, 6181, 6230: (.data, .malformedValue)
        case 6269: (.data, .valueOutOfRange)
        // MySQL has another error of this number; only that of MariaDB has this state.
        case 4025 where facts.state == "23000": (.integrity, .checkViolation)
        default: nil
        }
    }

    /// What the class of a SQLSTATE says, for errors that are not in the tables.
    static func states(_ state: String) -> Kind {
        switch state {
        case "42S01", "42S21": return (.programming, .duplicateObject)
        case "42S02": return (.programming, .undefinedTable)
        case "42S12": return (.programming, .undefinedObject)
        case "42S22": return (.programming, .undefinedColumn)
        case "70100": return (.operational, .cancelled)
        case "HY001": return (.operational, .outOfMemory)
        case "25006": return (.operational, .readOnly)
        default: break
        }
        switch state.prefix(2) {
        case "02": return (.data, .noRow)
        case "08": return (.operational, .connectionLost)
        case "0A": return (.notSupported, .notSupported)
        case "20", "21", "24", "42": return (.programming, .invalidStatement)
        case "22": return (.data, .malformedValue)
        case "23": return (.integrity, .constraintViolation)
        case "25", "XA": return (.programming, .invalidTransactionState)
        case "28": return (.operational, .authenticationFailed)
        case "2F", "38", "39", "45": return (.programming, .userFunctionFailed)
        case "3D": return (.programming, .undefinedDatabase)
        case "40": return (.operational, .serializationFailure)
        default: return (.operational, .other)
        }
    }

    private static func namesReadOnly(_ message: String) -> Bool {
        message.contains("read-only") || message.contains("read_only")
    }
}
