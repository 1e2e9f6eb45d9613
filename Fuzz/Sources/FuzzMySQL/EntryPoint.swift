/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    fuzzMySQL(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}
