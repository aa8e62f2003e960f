import Foundation

/// A profile in the trace event format, which Perfetto (ui.perfetto.dev) and chrome://tracing show.
///
/// Rows: the parts of the network, the device's commands, and the host's calls.
struct ChromeTrace: Encodable {
    struct Event: Encodable {
        let name: String
        /// What kind of thing: section, kernel, transfer, call or wait.
        var cat: String?
        /// X: has a duration. M: describes a row.
        let ph: String
        /// Microseconds.
        var ts: Double?
        var dur: Double?
        let pid: Int
        let tid: Int
        var args: [String: String] = [:]
    }

    let traceEvents: [Event]
    let displayTimeUnit = "ms"
    let otherData: [String: String]

    private enum Row: Int, CaseIterable {
        case sections = 1
        case device
        case host

        var name: String {
            switch self {
            case .sections: "network"
            case .device: "device"
            case .host: "host"
            }
        }
    }

    private static let process = 1

    init(_ profile: Profile) {
        func slice(
            _ name: String, _ category: String, _ start: Double, _ end: Double, _ row: Row, _ args: [String: String]
        ) -> Event {
            Event(
                name: name, cat: category, ph: "X", ts: start * 1e6, dur: (end - start) * 1e6, pid: Self.process,
                tid: row.rawValue, args: args)
        }
        var events = [
            Event(
                name: "process_name", ph: "M", pid: Self.process, tid: 0,
                args: ["name": "\(profile.architecture) on \(profile.deviceName)"])
        ]
        for row in Row.allCases {
            events.append(
                Event(
                    name: "thread_name", ph: "M", pid: Self.process, tid: row.rawValue, args: ["name": row.name]))
        }
        for section in profile.sections {
            let commands = section.operators.flatMap(\.commands)
            if let first = commands.first, let last = commands.last {
                events.append(
                    slice(
                        section.name, "section", first.start, last.end, .sections,
                        [
                            "images": String(section.images), "MACs": String(section.macs),
                            "kernels (us)": String(section.kernelTime * 1e6),
                            "gaps (us)": String(section.gapTime * 1e6),
                        ]))
            }
            for part in section.operators {
                for command in part.commands {
                    var args = ["part": section.name, "operator": part.title]
                    if command.isKernel {
                        args["global size"] = command.globalSize.map(String.init).joined(separator: " x ")
                        args["local size"] = command.localSize.map(String.init).joined(separator: " x ")
                        args["images"] = String(part.launchedImages)
                    } else {
                        args["bytes"] = String(command.byteCount)
                    }
                    args["gap before (us)"] = String(command.gap * 1e6)
                    events.append(
                        slice(
                            command.name, command.isKernel ? "kernel" : "transfer", command.start, command.end,
                            .device, args))
                }
                for call in part.calls {
                    events.append(
                        slice(
                            call.name, call.isWaiting ? "wait" : "call", call.start, call.end, .host,
                            ["part": section.name]))
                }
            }
        }
        traceEvents = events
        otherData = [
            "architecture": profile.architecture, "device": profile.deviceName, "images": String(profile.images),
            "wall time (us)": String(profile.wallTime * 1e6),
        ]
    }
}

extension Profile {
    /// The profile as JSON in the trace event format, for Perfetto (ui.perfetto.dev) or chrome://tracing.
    ///
    /// - Throws: `EncodingError`, for times that are not finite.
    public func chromeTrace() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(ChromeTrace(self)))
    }
}
