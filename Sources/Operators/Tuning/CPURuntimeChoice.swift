import FileSystem
import Foundation
import Kernels
import OpenCL

/// Finds the fastest of several OpenCL drivers of one processor, such as PoCL and Intel's runtime, by running convolutions on
/// each.
///
/// The result is kept in the cache folder, so that only the first process has to measure. When a driver is added, removed or
/// updated, all are measured again.
struct CPURuntimeChoice {
    /// A driver that takes part.
    struct Contender {
        /// Differs between drivers, and between versions of one.
        let identity: String
        /// Gets ready to run the workloads; nil if the driver cannot. What it returns runs each of them once, and returns the
        /// seconds of each.
        let prepare: () -> (() throws -> [Double])?
    }

    let store: ProgramBinaryStore
    /// The name of the result in the store.
    let key: String

    /// The result of a comparison, as it is kept.
    private struct Result: Codable {
        let fastest: String
    }

    /// Rounds in which the drivers take turns. The least time of each counts: what disturbs a round only adds to it.
    private static let rounds = 5

    /// The index of the fastest; nil where none can be measured.
    ///
    /// - Parameter onMeasuring: called before anything is measured.
    func fastest(of contenders: [Contender], onMeasuring: () -> Void = {}) -> Int? {
        if let kept = store.binary(for: key), let result = try? JSONDecoder().decode(Result.self, from: Data(kept)),
            let index = contenders.firstIndex(where: { $0.identity == result.fastest })
        {
            return index
        }
        onMeasuring()
        guard let fastest = Self.measuredFastest(of: contenders) else { return nil }
        if let contents = try? JSONEncoder().encode(Result(fastest: contenders[fastest].identity)) {
            store.store(Array(contents), for: key)
        }
        return fastest
    }

    private static func measuredFastest(of contenders: [Contender]) -> Int? {
        var running = contenders.enumerated().compactMap { index, contender in
            contender.prepare().map { (index: index, run: $0, times: [Double]()) }
        }
        for _ in 0..<rounds {
            for place in running.indices.reversed() {
                guard let times = try? running[place].run() else {
                    running.remove(at: place)
                    continue
                }
                let before = running[place].times
                running[place].times = before.isEmpty ? times : zip(before, times).map(min)
            }
        }
        // By the geometric mean, in which every workload weighs the same.
        return running.min { left, right in
            left.times.reduce(0) { $0 + log($1) } < right.times.reduce(0) { $0 + log($1) }
        }?.index
    }
}

// MARK: Devices

extension CPURuntimeChoice.Contender {
    /// Convolutions that a network spends its time in: one so small that its launch counts, one of 3x3 and one of 1x1.
    private static let workloads: [ConvolutionSettings] = [
        ConvolutionSettings(
            input: FeatureShape(channels: 16, height: 32, width: 32), outputChannels: 16, kernel: 3, padding: 1),
        ConvolutionSettings(
            input: FeatureShape(channels: 64, height: 56, width: 56), outputChannels: 64, kernel: 3, padding: 1),
        ConvolutionSettings(
            input: FeatureShape(channels: 256, height: 14, width: 14), outputChannels: 256, kernel: 1),
    ]
    private static let launches = 10

    init(_ device: Device) {
        identity = "\(device.name)|\(device.platformName)|\(device.driverVersion)"
        prepare = { try? Self.runs(on: device) }
    }

    private static func runs(on device: Device) throws -> () throws -> [Double] {
        let runtime = try OpenCLRuntime(device: device)
        let runs = try workloads.map { convolution in
            let settings = FusedConvolutionSettings(convolution)
            let bench = try ConvolutionBench(settings, on: runtime, images: 1)
            let algorithm = ConvolutionAlgorithm.standard(settings, runtime.traits, images: 1)
            let made = try bench.convolution(algorithm.descriptor(settings, runtime.traits))
            // Compiles, and wakes the driver's threads.
            _ = try bench.time(made, launches: launches)
            return { try bench.time(made, launches: launches) }
        }
        return { try runs.map { try $0() } }
    }
}

extension DeviceDiscovery {
    /// Chooses a device as `select` does; where that is a processor with several drivers, and nobody asked for one of them,
    /// the fastest of these.
    ///
    /// - Parameters:
    ///   - request: as for `Device.select`.
    ///   - store: where the fastest is kept for other processes. With nil nothing is measured, as it would be every time.
    ///   - onMeasuring: called with the number of drivers before they are measured, which takes a few seconds.
    /// - Throws: `DeviceSelectionError`.
    package func selectFastest(
        _ request: String? = nil,
        store: ProgramBinaryStore? = ProgramBinaryStore(environment: ProcessInfo.processInfo.environment),
        onMeasuring: (_ drivers: Int) -> Void = { _ in }
    ) throws(DeviceSelectionError) -> Device {
        let selected = try select(request)
        guard let store, selected.type == .cpu, !isRequested(request) else { return selected }
        let drivers = devices.filter { $0.type == .cpu && $0.isAvailable && $0.hasCompiler }
        guard drivers.count > 1 else { return selected }
        let contenders = drivers.map { CPURuntimeChoice.Contender($0) }
        let key = ProgramBinaryStore.key(
            drivers[0], source: KernelSource.common, options: ["drivers"] + contenders.map(\.identity))
        let fastest = CPURuntimeChoice(store: store, key: key).fastest(of: contenders) { onMeasuring(drivers.count) }
        return fastest.map { drivers[$0] } ?? selected
    }

    /// Whether a program or its environment names a device.
    private func isRequested(_ request: String?) -> Bool {
        [request, ProcessInfo.processInfo.environment[Device.environmentVariable]].contains { text in
            text?.contains { !$0.isWhitespace } ?? false
        }
    }
}
