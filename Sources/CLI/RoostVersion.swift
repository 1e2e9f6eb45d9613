/// The version of this build.
enum RoostVersion {
    static let text = "0.1.0"
}
