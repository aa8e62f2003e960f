import ArgumentParser
import ConvNetAIG
import ConvNetAIGStudies
import ConvNetAIGTraining
import Terminal

extension Scheduling: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension OptimizationGoal: ExpressibleByArgument {}
extension Interpolation: ExpressibleByArgument {}
extension Explanation.LaterGates: ExpressibleByArgument {}

extension GatePolicy {
    /// Reads the argument of `--budget`.
    static func parse(budget: String) throws -> GatePolicy { try parse(argument: "budget:" + budget) }

    /// Reads the argument of `--policy`. The argument parser puts the option's name before the error.
    static func parse(argument: String) throws -> GatePolicy {
        do {
            return try GatePolicy(parsing: argument)
        } catch {
            throw ValidationError(error.description)
        }
    }
}

extension TargetRates {
    /// Reads the argument of `--target-rates`.
    static func parse(argument: String) throws -> TargetRates {
        do {
            return try TargetRates(parsing: argument)
        } catch {
            throw ValidationError(error.description)
        }
    }
}

/// Reading of comma-separated numbers.
enum NumberList {
    /// Reads any finite numbers.
    /// - Parameter example: a valid list, for the error message.
    static func parse(_ text: String, example: String) throws -> [Float] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { field in
            guard let value = Float(field.filter { $0 != " " }), value.isFinite else {
                throw ValidationError(
                    "'\(field.description.printable())' is not a number; give a list such as \(example).")
            }
            return value
        }
    }

    /// Reads a number for each channel of an image, on a scale where white is 1.
    static func ofChannels(_ text: String) throws -> [Float] {
        let values = try parse(text, example: "0.485,0.456,0.406")
        // Values for a scale where white is 255 would make every prediction wrong, without an error.
        guard !values.contains(where: { $0 > 10 }) else {
            throw ValidationError(
                "'\(text.printable())' is for pictures where white is 255; here it is 1: divide by 255.")
        }
        return values
    }

    /// Reads numbers for red, green and blue, on a scale where white is 1.
    static func ofColours(_ text: String) throws -> [Float] {
        let values = try ofChannels(text)
        guard values.count == 3 else {
            throw ValidationError("'\(text.printable())' is not three numbers, such as 0.485,0.456,0.406.")
        }
        return values
    }
}

/// The help of options that several commands share.
extension ArgumentHelp {
    static var architecture: ArgumentHelp {
        ArgumentHelp(
            "A name such as resnet-50, convnet-aig-101 or convnet-aig-cifar-110, or the path of a JSON file.",
            valueName: "architecture")
    }

    static var classes: ArgumentHelp {
        ArgumentHelp("Number of classes, if not the architecture's own.", valueName: "count")
    }

    static var weights: ArgumentHelp {
        ArgumentHelp(
            "Weights: safetensors, or a checkpoint of PyTorch. (default: the embedded model)", valueName: "file")
    }

    /// For commands that take untrained weights too.
    static var weightsOrRandom: ArgumentHelp {
        ArgumentHelp(
            "Weights: safetensors, or a checkpoint of PyTorch; random:SEED for untrained ones. "
                + "(default: the embedded model)", valueName: "file")
    }

    static var key: ArgumentHelp {
        ArgumentHelp(
            "Which network of a file that holds several: what its tensors are under, such as state_dict. "
                + "(default: averaged weights, if there are any)", valueName: "name")
    }

    static var labels: ArgumentHelp {
        ArgumentHelp(
            "Classes of pictures that are in no class folders: a CSV or TSV file, or a list, of names and classes.",
            valueName: "file")
    }

    static var device: ArgumentHelp {
        ArgumentHelp(
            "OpenCL device: an index or a part of a name as in 'aig devices'. (default: AIG_DEVICE, or a "
                + "GPU before a CPU)", valueName: "device")
    }

    static var batch: ArgumentHelp { ArgumentHelp("Images that run together.", valueName: "count") }

    static var limit: ArgumentHelp {
        ArgumentHelp("Only so many pictures, evenly from all classes.", valueName: "count")
    }

    static var threads: ArgumentHelp {
        ArgumentHelp("Threads that decode pictures. They change no result.", valueName: "count")
    }

    static var top: ArgumentHelp { ArgumentHelp("How many of the likeliest classes to show.", valueName: "count") }
}
