import OpenCL
import Terminal

/// The output of `aig devices` for one device.
struct DeviceReport: Encodable {
    let index: Int
    let `default`: Bool
    let name: String
    let platform: String
    let vendor: String
    let type: String
    let version: String
    let openclCVersion: String
    let driverVersion: String
    let available: Bool
    let compiler: Bool
    let computeUnits: Int
    let maxClockMhz: Int
    /// In bytes, like all memory here.
    let globalMemory: Int
    let maxAllocation: Int
    let localMemory: Int
    let localMemoryIsDedicated: Bool
    let maxWorkGroupSize: Int
    let maxWorkItemSizes: [Int]
    let preferredFloatVectorWidth: Int
    let nativeFloatVectorWidth: Int
    let cacheLine: Int
    let fp16: Bool
    let fp64: Bool
    let subgroups: Bool
    let fma: Bool
    let unifiedHostMemory: Bool
    let timerResolutionNs: Int
    let extensions: [String]

    init(_ device: Device, index: Int, isDefault: Bool) {
        self.index = index
        self.default = isDefault
        name = device.name
        platform = device.platformName
        vendor = device.vendor
        type = device.type.rawValue
        version = device.version
        openclCVersion = device.openCLCVersion
        driverVersion = device.driverVersion
        available = device.isAvailable
        compiler = device.hasCompiler
        computeUnits = device.computeUnits
        maxClockMhz = device.maxClockMHz
        globalMemory = device.globalMemory
        maxAllocation = device.maxAllocation
        localMemory = device.localMemory
        localMemoryIsDedicated = device.localMemoryIsDedicated
        maxWorkGroupSize = device.maxWorkGroupSize
        maxWorkItemSizes = device.maxWorkItemSizes
        preferredFloatVectorWidth = device.preferredFloatVectorWidth
        nativeFloatVectorWidth = device.nativeFloatVectorWidth
        cacheLine = device.cacheLine
        fp16 = device.hasFP16
        fp64 = device.hasFP64
        subgroups = device.hasSubgroups
        fma = device.supportsFMA
        unifiedHostMemory = device.unifiedHostMemory
        timerResolutionNs = device.profilingTimerResolution
        extensions = device.extensions.sorted()
    }

    /// The device's lines, the first with its index and name.
    var lines: [String] {
        let title = "\(index): \(name.printable()) (\(platform.printable()))"
        let mark = `default` ? "  [default]" : ""
        let clock = maxClockMhz > 0 ? " at up to \(maxClockMhz) MHz" : ""
        var table = TextTable([.left, .left])
        func add(_ name: String, _ value: String) { table.append(["   " + name, value.printable()]) }
        add(
            "Type",
            "\(type == "other" ? type : type == "accelerator" ? type : type.uppercased()) of \(vendor)")
        if !available || !compiler {
            add("Usable", available ? "no: its driver has no compiler" : "no: the device is not available")
        }
        add("OpenCL", "\(version); \(openclCVersion)")
        add("Driver", driverVersion)
        add("Compute", computeUnits.counted("unit") + clock)
        add(
            "Memory",
            "\(globalMemory.byteCount), at most \(maxAllocation.byteCount) in a buffer"
                + (unifiedHostMemory ? ", shared with the host" : ""))
        add(
            "Local memory",
            localMemory.byteCount + (localMemoryIsDedicated ? ", dedicated" : ", in global memory"))
        add("Work-group", "\(maxWorkGroupSize.grouped) work-items, at most \(maxWorkItemSizes.extents)")
        add("Float vectors", "\(preferredFloatVectorWidth) preferred, \(nativeFloatVectorWidth) native")
        let features = [("fma", fma), ("fp16", fp16), ("fp64", fp64), ("sub-groups", subgroups)]
        add("Features", features.map { $0.1 ? $0.0 : "no \($0.0)" }.joined(separator: ", "))
        return [Console.bold(title) + mark] + table.lines + extensionLines
    }

    /// The extensions, wrapped under their heading.
    private var extensionLines: [String] {
        let heading = "   Extensions     "
        var lines = [heading]
        for (index, name) in extensions.enumerated() {
            let word = name.printable() + (index < extensions.count - 1 ? "," : "")
            if lines[lines.count - 1].count + word.count > 100, lines[lines.count - 1].count > heading.count {
                lines.append(String(repeating: " ", count: heading.count))
            }
            let isFirst = lines[lines.count - 1].count == heading.count
            lines[lines.count - 1] += isFirst ? word : " " + word
        }
        return extensions.isEmpty ? [heading + "none"] : lines
    }
}
