import ArgumentParser
import ConvNetAIG
import Terminal

/// How images are prepared, for weights that do not say or say something else.
struct PreprocessingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How pictures are scaled: the shorter side's length, WIDTHxHEIGHT, or none. (default: as the weights say, or "
                + "as is usual for the network's input)", valueName: "size"),
        transform: Self.resize)
    var resize: Preprocessing.Resize?

    @Option(
        help: ArgumentHelp(
            "What is cut from the middle of the scaled picture: a side's length, WIDTHxHEIGHT, or none.",
            valueName: "size"), transform: Self.crop)
    var crop: Crop?

    @Option(help: "How the scaled picture's samples are made.")
    var interpolation: Interpolation?

    @Option(
        help: ArgumentHelp(
            "Means of red, green and blue, where white is 1, such as 0.485,0.456,0.406.", valueName: "r,g,b"),
        transform: NumberList.ofColours)
    var mean: [Float]?

    @Option(
        help: ArgumentHelp("Standard deviations likewise, such as 0.229,0.224,0.225.", valueName: "r,g,b"),
        transform: NumberList.ofColours)
    var std: [Float]?

    struct Crop: Sendable {
        let size: Preprocessing.Size?
    }

    /// The weights with the preprocessing that the options give. Warns if neither says how images are normalised.
    /// - Throws: `PreprocessingError` for values that make no sense; `CommandFailure` if prepared images do not have the size
    ///   of the network's input.
    func applied(to weights: Weights) throws -> Weights {
        let input = weights.architecture.input
        guard input.channels == 3 else { return weights }
        let usual = try weights.inputPreprocessing()
        let isGuessed = weights.normalization == nil && weights.preprocessing == nil
        if isGuessed, mean == nil || std == nil {
            let missing = [mean == nil ? "--mean" : nil, std == nil ? "--std" : nil].compactMap { $0 }
            Console.warn(
                "The weights do not say what pictures are normalised with; taken is what is usual for inputs of "
                    + "\(input.width) x \(input.height): mean \(usual.mean.commaSeparated), "
                    + "std \(usual.std.commaSeparated). "
                    + "\(missing.joined(separator: " and ")) say otherwise.")
        }
        guard resize != nil || crop != nil || interpolation != nil || mean != nil || std != nil else { return weights }
        let chosen = try Preprocessing(
            resize: resize ?? usual.resize, interpolation: interpolation ?? usual.interpolation,
            crop: crop.map(\.size) ?? usual.crop, mean: mean ?? usual.mean, std: std ?? usual.std)
        guard chosen.outputSize == .init(width: input.width, height: input.height) else {
            let found = chosen.outputSize.map { "pictures of \($0)" } ?? "pictures of any size"
            throw CommandFailure(
                "--resize and --crop make \(found), and the network takes \(input.width) x \(input.height): give a crop of "
                    + "that size.")
        }
        return try weights.with(preprocessing: chosen)
    }

    private static func size(_ text: String) throws -> (width: Int, height: Int?) {
        let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(sides.count), let width = sides[0], width > 0, sides.count == 1 || (sides[1] ?? 0) > 0
        else {
            throw ValidationError("'\(text.printable())' is no size; give 256, 224x224, or none.")
        }
        return (width, sides.count == 2 ? sides[1] : nil)
    }

    private static func resize(_ text: String) throws -> Preprocessing.Resize {
        if text == "none" { return .none }
        let (width, height) = try size(text)
        return height.map { .exact(width: width, height: $0) } ?? .shorterSide(width)
    }

    private static func crop(_ text: String) throws -> Crop {
        if text == "none" { return Crop(size: nil) }
        let (width, height) = try size(text)
        return Crop(size: .init(width: width, height: height ?? width))
    }
}
