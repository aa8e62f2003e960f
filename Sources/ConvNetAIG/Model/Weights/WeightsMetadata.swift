import Foundation
import Images

/// The entries of a weights file's metadata: the classes' names, the preprocessing of images, the gates' thresholds for each
/// budget.
struct WeightsMetadata {
    /// The file's name in errors.
    let source: String
    /// The entries by key.
    let values: [String: String]

    private func invalid(_ key: String, _ problem: String) -> WeightsError {
        .invalidMetadata(source: source, key: key, problem: problem)
    }

    /// The entry `classes`: a JSON array of strings or, in older files, names separated by commas.
    func classNames(for architecture: Architecture) throws(WeightsError) -> [String]? {
        guard let text = values["classes"] else {
            return architecture.classes == ImageNetClasses.names.count ? ImageNetClasses.names : nil
        }
        let names = Self.classNames(parsing: text)
        guard names.count == architecture.classes else {
            throw invalid("classes", "it names \(names.count) classes, but the network has \(architecture.classes)")
        }
        return names
    }

    private static func classNames(parsing text: String) -> [String] {
        // The first name of the older form may begin with a bracket too; then the text is hardly JSON.
        if text.hasPrefix("["), let names = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) {
            return names
        }
        return fields(text)
    }

    /// The entries `mean` and `std`: numbers separated by commas, one for each channel.
    func normalization(for architecture: Architecture) throws(WeightsError) -> (mean: [Float], std: [Float])? {
        let mean = try numbers("mean", count: architecture.input.channels)
        let std = try numbers("std", count: architecture.input.channels)
        guard let mean, let std else {
            if mean == nil, std == nil { return nil }
            throw invalid(mean == nil ? "mean" : "std", "it is missing, though the other of mean and std is there")
        }
        guard std.allSatisfy({ $0 > 0 && (1 / $0).isFinite }) else {
            throw invalid("std", "images cannot be divided by \(std)")
        }
        return (mean, std)
    }

    /// The entry `budget_calibration`: JSON of a ``BudgetCalibration``.
    func calibration(for architecture: Architecture) throws(WeightsError) -> BudgetCalibration? {
        let key = BudgetCalibration.metadataKey
        guard let text = values[key] else { return nil }
        let calibration: BudgetCalibration
        do {
            calibration = try JSONDecoder().decode(BudgetCalibration.self, from: Data(text.utf8))
        } catch {
            throw invalid(key, Self.explanation(error))
        }
        if let problem = calibration.problem(gates: architecture.gatedBlocks.count) { throw invalid(key, problem) }
        return calibration
    }

    /// The preprocessing of images, if the file says how they are resized: `resize` and `crop` are JSON as of ``Preprocessing``,
    /// or a number of pixels (of the shorter side, and of both sides); `interpolation` is a name.
    ///
    /// - Parameter normalization: Mean and standard deviation that images are normalised with.
    func preprocessing(
        for architecture: Architecture, normalization: (mean: [Float], std: [Float])
    ) throws(WeightsError) -> Preprocessing? {
        guard let resize = values["resize"] else {
            for key in ["crop", "interpolation"] where values[key] != nil {
                throw invalid("resize", "it is missing, though \(key) is there")
            }
            return nil
        }
        guard architecture.input.channels == 3 else { return nil }
        let resizing = try json("resize", resize) { #"{"shorterSide": \#($0)}"# }
        let crop = try values["crop"].map { text throws(WeightsError) in
            try json("crop", text) { #"{"width": \#($0), "height": \#($0)}"# }
        }
        var fields = [#""resize": \#(resizing)"#]
        if let crop { fields.append(#""crop": \#(crop)"#) }
        fields.append(#""mean": [\#(normalization.mean.map { "\($0)" }.joined(separator: ", "))]"#)
        fields.append(#""std": [\#(normalization.std.map { "\($0)" }.joined(separator: ", "))]"#)
        let interpolation = values["interpolation"]
        if let interpolation, let text = try? Self.json(interpolation) { fields.append(#""interpolation": \#(text)"#) }
        let preprocessing: Preprocessing
        do {
            let object = Data("{\(fields.joined(separator: ", "))}".utf8)
            preprocessing = try JSONDecoder().decode(Preprocessing.self, from: object)
        } catch {
            throw invalid("resize", Self.explanation(error))
        }
        // The decoder ignores an unknown interpolation.
        if let interpolation, interpolation != (try? Self.entries(preprocessing))?["interpolation"] ?? "bilinear" {
            throw invalid("interpolation", "\"\(interpolation.prefix(40))\" is not known")
        }
        return preprocessing
    }

    /// The entries for a preprocessing of images.
    static func entries(_ preprocessing: Preprocessing) throws -> [String: String] {
        let object =
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(preprocessing)) as? [String: Any] ?? [:]
        var entries: [String: String] = [:]
        for (key, value) in object {
            let json = { try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys]) }
            entries[key] = try (value as? String) ?? String(decoding: json(), as: UTF8.self)
        }
        entries["mean"] = preprocessing.mean.commaSeparated
        entries["std"] = preprocessing.std.commaSeparated
        return entries
    }

    private static func json(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    /// The text itself if it is a JSON object, or what `fromNumber` makes of a number of pixels.
    private func json(_ key: String, _ text: String, fromNumber: (Int) -> String) throws(WeightsError) -> String {
        if let number = Int(text) { return fromNumber(number) }
        guard (try? JSONSerialization.jsonObject(with: Data(text.utf8))) is [String: Any] else {
            throw invalid(key, "it is \"\(text.prefix(100))\", which is neither a number of pixels nor a JSON object")
        }
        return text
    }

    private static func explanation(_ error: any Error) -> String {
        (error as? DecodingError).map { JSONProblem.explanation(of: $0) } ?? "\(error)"
    }

    private func numbers(_ key: String, count: Int) throws(WeightsError) -> [Float]? {
        guard let text = values[key] else { return nil }
        let fields = Self.fields(text)
        let numbers = fields.compactMap { Float($0) }.filter(\.isFinite)
        guard numbers.count == fields.count, numbers.count == count else {
            throw invalid(
                key,
                "it must be \(count) numbers separated by commas, one per channel, and is \"\(text.prefix(100))\"")
        }
        return numbers
    }

    /// Comma-separated values without surrounding spaces.
    private static func fields(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map {
            String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension Weights {
    /// The metadata's entry `classes`: a JSON array, so that names may have any characters.
    package static func metadataText(classNames: [String]) -> String {
        "[" + classNames.map(Safetensors.quoted).joined(separator: ",") + "]"
    }

    /// The metadata's entries for a ``preprocessing`` of images.
    package static func metadata(for preprocessing: Preprocessing) throws -> [String: String] {
        try WeightsMetadata.entries(preprocessing)
    }

    /// The ``notes`` on the choice of a file's tensors, without reading their values.
    ///
    /// - Throws: As ``init(path:architecture:classes:key:)`` for a file that cannot be read.
    package static func notes(of path: String) throws -> [String] {
        let file = try TensorFiles.open(path: path)
        let tensors = file.names.map { SourceTensor(name: $0, prefix: "", file: file) }
        return try WeightsResolver(source: path, tensors: tensors, metadata: [:]).notes
    }

    /// The number of classes of the classifier in a file, or nil if the file has none.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - key: The prefix of the network to read, if the file holds several.
    /// - Throws: ``WeightsError/noSuchKey(source:key:keys:)``.
    package static func classCount(of file: any TensorFile, key: String? = nil) throws -> Int? {
        let tensors = file.names.map { SourceTensor(name: $0, prefix: "", file: file) }
        return try WeightsResolver(source: file.path, tensors: tensors, metadata: [:], key: key).classifierRows
    }
}

extension Weights {
    /// What images are normalised with, per channel on the scale where white is 1: the weights' own ``normalization``, or what
    /// is usual for networks of the input's size.
    package var inputNormalization: (mean: [Float], std: [Float]) {
        normalization ?? architecture.usualNormalization
    }

    /// The preprocessing of images: the weights' own ``preprocessing``, or what is usual for the input's size.
    ///
    /// - Throws: `PreprocessingError` for an impossible normalisation.
    package func inputPreprocessing() throws(PreprocessingError) -> Preprocessing {
        let input = architecture.input
        // The size that images are cropped to does not fit a network taken at another size than its own.
        if let preprocessing, preprocessing.outputSize == .init(width: input.width, height: input.height) {
            return preprocessing
        }
        let normalization = inputNormalization
        return try Preprocessing.standard(
            inputWidth: input.width, inputHeight: input.height, mean: normalization.mean, std: normalization.std)
    }
}

extension Architecture {
    /// What images are usually normalised with for networks of the input's size.
    var usualNormalization: (mean: [Float], std: [Float]) {
        let usual: Preprocessing = input.height <= 64 ? .cifar10 : .imageNet
        return (usual.mean, usual.std)
    }
}

extension Collection<Float> {
    /// The numbers with commas between, as files and options have them.
    package var commaSeparated: String { map { "\($0)" }.joined(separator: ",") }
}
