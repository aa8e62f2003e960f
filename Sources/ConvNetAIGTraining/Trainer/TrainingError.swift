import ConvNetAIG
import Foundation

/// Why a training run cannot start or go on. The description says what to do.
public enum TrainingError: Error, Sendable, Hashable {
    /// The loss or a gradient became infinite or NaN.
    ///
    /// `tensor` is the first one, in the network's order, with such a value, and `block` the part of the network that it
    /// belongs to; both are nil if no tensor has one. `epoch` counts from 1, `step` from 0 over the whole run.
    case notFinite(step: Int, epoch: Int, block: String?, tensor: String?, lastGoodCheckpoint: String?)
    /// The folder of a new run already holds one.
    case folderHasRun(path: String)
    /// The folder of a run that is to be resumed holds none.
    case nothingToResume(path: String)
    /// All images are of one class, so that there is nothing to learn.
    case oneClass(path: String, name: String)
    /// The configuration's batch is larger than the network's.
    case batchTooLarge(batch: Int, network: Int)
    /// An epoch has no batches.
    case noBatches
    /// The checkpoint does not say where its images were.
    case noData(path: String)
    /// The source ended before it had given the batches that it promised.
    case tooFewBatches(epoch: Int, promised: Int, given: Int)
    /// The network is not the checkpoint's.
    case differentNetwork(expected: String, found: String)
    /// The images are not those of the checkpoint's run.
    case differentData(expectedSteps: Int, steps: Int)
    /// The images' classes are not those of the checkpoint's run.
    case differentClasses(path: String, expected: [String], found: [String])
    /// A run has already done as many epochs as it is to be resumed for.
    case epochsDone(asked: Int, done: Int)
    /// The teacher's input, normalization or classes are not the network's.
    case unusableTeacher(path: String, problem: String)
    /// The teacher's file is not the one that the run began with.
    case differentTeacher(path: String)
    /// Weights or metrics cannot be written; what was saved before is untouched.
    case unwritable(path: String, problem: String)
}

extension TrainingError: LocalizedError, CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .notFinite(let step, let epoch, let block, let tensor, let checkpoint):
            "Training diverged in epoch \(epoch), step \(step): "
                + (tensor.map { "the first values that are not finite are those of \($0)" + Self.place(block) }
                    ?? "the loss is not finite")
                + ". Lower the learning rate, or set clipNorm."
                + (checkpoint.map { " The last good state is \($0)." } ?? "")
        case .folderHasRun(let path):
            "There is a training run in \(path) already. Resume it, or give another folder."
        case .nothingToResume(let path):
            "There is no training run in \(path) to resume: it has no \(RunFolder.checkpointName). Give the folder of a "
                + "run, or start a new one."
        case .oneClass(let path, let name):
            "\(path) has pictures of one class only, '\(name)', which leaves nothing to tell apart. Add a folder of "
                + "pictures for each other class; they are expected as CLASS/NAME.jpg or train/CLASS/NAME.jpg, or .png."
        case .batchTooLarge(let batch, let network):
            "The configuration's batch is \(batch), but the network was made for \(network) pictures at most."
        case .noData(let path):
            "The checkpoint in \(path) does not say where its pictures are; name them."
        case .noBatches:
            "There are no batches to train with: there are fewer pictures than a batch takes."
        case .tooFewBatches(let epoch, let promised, let given):
            "The pictures of epoch \(epoch) ended after \(given) batches of \(promised)."
        case .differentNetwork(let expected, let found):
            "The checkpoint is of another network (\(expected)) than the one given (\(found))."
        case .differentData(let expected, let steps):
            "The run had \(expected) steps in an epoch, and would have \(steps) with these pictures. Resume it with the "
                + "pictures it was begun with, or start a new run from its weights."
        case .differentClasses(let path, let expected, let found):
            "The run tells apart the classes \(Self.list(expected)), but \(path) has \(Self.list(found)). Resume it with "
                + "the pictures it was begun with, or start a new run from its weights."
        case .epochsDone(let asked, let done):
            "The run has done \(done) epochs already, so there is nothing left of \(asked). Ask for more than \(done), or "
                + "leave the number out to go on with the run's own."
        case .unusableTeacher(let path, let problem):
            "The network in \(path) cannot be the teacher: \(problem)."
        case .differentTeacher(let path):
            "The run learns from a network in \(path), but what is there now is another one. Put back the file that it was "
                + "begun with, or start a new run from its weights."
        case .unwritable(let path, let problem):
            "\(path) cannot be written: \(problem). What was saved before is still there; make room and resume."
        }
    }

    /// The names, or the first few of many.
    private static func list(_ names: [String]) -> String {
        let maxCount = 12
        let rest = names.count > maxCount ? " and \(names.count - maxCount) more" : ""
        return names.prefix(maxCount).joined(separator: ", ") + rest
    }

    private static func place(_ block: String?) -> String { block.map { ", in \($0)" } ?? "" }

    /// The same text as ``description``.
    public var errorDescription: String? { description }
}

/// Finds the first tensor, in the network's order, with a value that is infinite or NaN.
struct DivergenceFinder {
    let architecture: Architecture

    func firstNotFinite(in tensors: [String: Tensor]) -> String? {
        let known = Weights.layout(of: architecture).map(\.name)
        let others = Set(tensors.keys).subtracting(known).sorted()
        return (known + others).first { name in
            tensors[name]?.withUnsafeFloats { values in !values.allSatisfy(\.isFinite) } ?? false
        }
    }

    /// The part of the network that a tensor belongs to: a block, such as `block layer2.0`, the stem, or the classifier.
    func block(of tensor: String) -> String {
        let parts = tensor.split(separator: ".")
        if let stage = parts.first, stage.hasPrefix("layer"), parts.count > 1 { return "block \(stage).\(parts[1])" }
        return tensor.hasPrefix("linear.") ? "the classifier" : "the stem"
    }
}
