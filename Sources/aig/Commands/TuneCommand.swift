import ArgumentParser
import ConvNetAIG
import OpenCL

/// `aig tune`
struct TuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "Time the ways to compute each convolution of a network, and keep the fastest for this device.",
        discussion: """
            What is found holds for networks that are planned for the same number of images, on this device \
            with this driver. It is kept in the folder that the environment variable AIG_CACHE names (or \
            convnet-aig in XDG_CACHE_HOME, or in ~/.cache), where later runs find it. What takes more memory \
            is used only with '--optimize speed'. Without tuning, estimates choose. What fails on the device, or \
            computes something else than direct convolution, is left out and named.

            Examples:
              aig tune convnet-aig-50
              aig tune convnet-aig-cifar-110 --batch 128
              aig tune resnet-50 --all            every candidate, not only the fastest
            """)

    @Argument(
        help: ArgumentHelp(
            "A name such as resnet-50, convnet-aig-101 or convnet-aig-cifar-110, or the path of a JSON file.",
            valueName: "architecture"))
    var architecture: String

    @Option(help: ArgumentHelp("Images that will run together.", valueName: "count"))
    var batch = 1

    @Option(
        help: ArgumentHelp(
            "OpenCL device: an index or a part of a name as in 'aig devices'. (default: AIG_DEVICE, or a "
                + "GPU before a CPU)",
            valueName: "device"))
    var device: String?

    @Flag(help: "Show every candidate.")
    var all = false

    @Flag(help: "Print an object.")
    var json = false

    func validate() throws {
        guard batch >= 1 else { throw ValidationError("--batch is \(batch); give 1 or more.") }
    }

    func run() throws {
        let architecture = try Architecture.load(architecture, classes: nil)
        let runtime = try Drivers.runtime(selecting: device)
        let results = try ConvolutionTuner(runtime).tune(architecture, images: batch) { result, share in
            Console.complain("\(share.percentage): \(result.settings.summary)")
        }
        let report = TuningReport(architecture, device: runtime.device, images: batch, results)
        try Console.write(json ? JSONText.pretty(report) : report.lines(all: all).joined(separator: "\n"))
    }
}
