import ArgumentParser
import CMalloc
import FileSystem
import Foundation
import OpenCL
import Terminal

/// The command line of ConvNetAIG.
@main
struct AIGCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aig",
        abstract:
            "Classify pictures with ConvNet-AIG: residual networks that choose their layers per picture.",
        discussion: """
            Every block of the network has a gate that looks at the block's input and decides whether the \
            block is worth computing. Closed blocks are not computed. Networks run on OpenCL devices (GPUs \
            and CPUs), or in plain loops as a reference.

            Examples:
              aig classify cat.png              with the model that comes with the program
              aig explain cat.png               which blocks mattered for a picture
              aig devices                       what it can run on
              aig train --architecture convnet-aig-cifar-20 --data cifar-10-batches-bin
              aig evaluate --data cifar-10-batches-bin
              aig report --data cifar-10-batches-bin    what its graphs look like, as a page
              aig attack --data cifar-10-batches-bin    how it holds under attack
              aig calibrate --weights w.safetensors --data cifar-10-batches-bin    for --budget
              aig cost convnet-aig-50           what a network costs, block by block
              aig tune convnet-aig-50           the fastest kernels for this device
              aig inspect weights.safetensors   what a file of weights holds
              aig convert model.pth model.safetensors    a checkpoint of PyTorch
              aig profile convnet-aig-50        where its time goes, block by block
              aig run --weights w.safetensors --input x.safetensors --output y.safetensors

            The environment variable AIG_DEVICE names the device where --device does not. Exit status: 0 for \
            success, 1 for a failure, 64 for a command line that makes no sense.
            """,
        version: "2.0.0",
        subcommands: [
            ClassifyCommand.self, ExplainCommand.self, TrainCommand.self, EvaluateCommand.self, ReportCommand.self,
            AttackCommand.self,
            CalibrateCommand.self, RunCommand.self, CostCommand.self, ProfileCommand.self, TuneCommand.self,
            InspectCommand.self, ConvertCommand.self, DevicesCommand.self, CacheCommand.self,
        ])

    /// Larger arrays are mapped, not taken from the heap. Weights pass through arrays of megabytes on their way to the
    /// device; by default the allocator takes these from its heap once it has seen one freed, and the holes stay with the
    /// process: 20 MB for ConvNet-AIG-50.
    private static let largestHeapAllocation: Int32 = 1 << 20

    /// The arguments with all their bytes: file names need not be UTF-8, and Swift's own list loses the bytes that are not.
    private static var arguments: [String] {
        (1..<max(Int(CommandLine.argc), 1)).compactMap { index in
            CommandLine.unsafeArgv[index].map { argument in
                String(pathBytes: UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
            }
        }
    }

    static func main() {
        DriverThreads.bindToCores()
        mallopt(M_MMAP_THRESHOLD, largestHeapAllocation)
        // A file that may not grow further is an error like that of a full disk, and not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch {
            // Requests for help and usage errors arrive as errors too, and are worded already. All others may
            // quote files, whose names and contents must not control the terminal.
            guard exitCode(for: error) == .failure, !(error is ExitCode) else { exit(withError: error) }
            exit(withError: CommandFailure(error))
        }
    }
}
