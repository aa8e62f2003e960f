/// Where this package keeps what takes long to make.
package enum CacheFolder {
    /// The environment variable that names the folder, or is `off`.
    package static let environmentVariable = "AIG_CACHE"

    /// As the environment has it: `AIG_CACHE` is a folder, or `off`; without it, the folder is convnet-aig in
    /// `XDG_CACHE_HOME`, or else in ~/.cache.
    /// - Returns: nil if nothing is to be kept or there is no such folder.
    package static func path(environment: [String: String]) -> String? {
        // As the XDG specification wants it, paths that are not absolute do not count.
        func absolute(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if let choice = environment[environmentVariable], !choice.isEmpty { return choice == "off" ? nil : choice }
        if let caches = absolute("XDG_CACHE_HOME") { return caches + "/convnet-aig" }
        return absolute("HOME").map { $0 + "/.cache/convnet-aig" }
    }
}
