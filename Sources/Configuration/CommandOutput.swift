#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs a program and takes what it prints. Its standard error goes where ours goes.
enum CommandOutput {
    /// The most a secret may have.
    static let maximumBytes = 65_536

    static func run(_ arguments: [String]) throws(ConfigurationError) -> String {
        guard let program = arguments.first else { throw ConfigurationError("The command for a password is empty.") }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw ConfigurationError("The system refused a pipe for the program \(program).")
        }
        defer { close(ends[0]) }
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        posix_spawn_file_actions_addclose(&actions, ends[1])
        var argv = arguments.map { strdup($0) } + [nil]
        var child: pid_t = 0
        let status = posix_spawnp(&child, program, &actions, nil, &argv, environ)
        posix_spawn_file_actions_destroy(&actions)
        for argument in argv { free(argument) }
        close(ends[1])
        guard status == 0 else {
            throw ConfigurationError("The program \(program), which should print a password, cannot be started.")
        }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            guard count > 0, output.count <= maximumBytes else { break }
            output.append(contentsOf: buffer[..<count])
        }
        var exit: Int32 = 0
        waitpid(child, &exit, 0)
        guard exit == 0, output.count <= maximumBytes else {
            throw ConfigurationError("The program \(program), which should print a password, failed.")
        }
        return String(decoding: output, as: UTF8.self)
    }
}
