import Foundation
import Images
import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct WeightsMetadataTests {
    private static func weights(_ metadata: [String: String], classes: Int = 2) throws -> Weights {
        let network = try Architecture(named: "resnet-cifar-8", classes: classes)
        return try Weights(
            architecture: network, tensors: Weights.random(for: network, seed: 1).tensors(), metadata: metadata)
    }

    // MARK: Classes

    @Test(arguments: [
        ["tench, Tinca tinca", "goldfish, Carassius auratus"], [" a ", ""], ["\"quoted\"\\", "line\nbreak\u{1}"],
        ["[", "]"],
        ["naïve ☃", "😀"], ["a/b", "1"],
    ])
    func namesOfAnyCharacters(_ names: [String]) throws {
        let text = Weights.metadataText(classNames: names)
        #expect(try Self.weights(["classes": text]).classNames == names)
        // It is JSON to others too.
        #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == names)
    }

    @Test func olderForm() throws {
        #expect(try Self.weights(["classes": "cat, wild dog"]).classNames == ["cat", "wild dog"])
        #expect(try Self.weights(["classes": "[cat,dog]"]).classNames == ["[cat", "dog]"])
        #expect(throws: WeightsError.self) { try Self.weights(["classes": #"["cat","dog","cow"]"#]) }
    }

    @Test func classesOfImageNet() throws {
        #expect(ImageNetClasses.names.count == 1000 && Set(ImageNetClasses.names).count == 1000)
        #expect(ImageNetClasses.wordNetIDs.count == 1000)
        #expect(ImageNetClasses.wordNetIDs == Set(ImageNetClasses.wordNetIDs).sorted())
        #expect(
            ImageNetClasses.wordNetIDs.allSatisfy { $0.count == 9 && $0.hasPrefix("n") && Int($0.dropFirst()) != nil })
        for (index, id, name) in [
            (0, "n01440764", "tench"), (1, "n01443537", "goldfish"), (207, "n02099601", "golden retriever"),
            (281, "n02123045", "tabby"), (134, "n02012849", "crane bird"), (517, "n03126707", "crane"),
            (638, "n03710637", "maillot"), (639, "n03710721", "maillot tank suit"), (999, "n15075141", "toilet tissue"),
        ] {
            #expect(ImageNetClasses.wordNetIDs[index] == id)
            #expect(ImageNetClasses.names[index] == name)
        }
        #expect(try Self.weights([:], classes: 1000).classNames == ImageNetClasses.names)
        let own = (0..<1000).map { "class \($0)" }
        #expect(
            try Self.weights(["classes": Weights.metadataText(classNames: own)], classes: 1000).classNames == own)
        #expect(try Self.weights([:], classes: 999).classNames == nil)
    }

    // MARK: Preprocessing

    @Test func preprocessingTravels() throws {
        let mean: [Float] = [0.1, 0.2, 0.3]
        for (resize, crop) in [
            (Preprocessing.Resize.shorterSide(36), Preprocessing.Size(width: 32, height: 32) as Preprocessing.Size?),
            (.exact(width: 32, height: 32), nil), (.none, Preprocessing.Size(width: 32, height: 32)),
        ] {
            let preprocessing = try Preprocessing(resize: resize, crop: crop, mean: mean, std: [1, 2, 3])
            let weights = try Self.weights(Weights.metadata(for: preprocessing))
            #expect(weights.preprocessing == preprocessing)
            #expect(weights.normalization?.mean == mean)
            #expect(try Session(weights: weights, backend: .reference).preprocessing == preprocessing)
        }
    }

    @Test func numbersOfPixels() throws {
        let weights = try Self.weights(["resize": "36", "crop": "32", "interpolation": "bilinear"])
        #expect(weights.preprocessing?.resize == .shorterSide(36))
        #expect(weights.preprocessing?.crop == Preprocessing.Size(width: 32, height: 32))
        // What images are normalised with is then what is usual.
        #expect(weights.preprocessing?.mean == Preprocessing.cifar10.mean)
        #expect(try Self.weights([:]).preprocessing == nil)
    }

    /// A network that is taken at another size than its own cannot crop to its own.
    @Test func otherSizes() throws {
        let network = try Architecture(
            named: "resnet-cifar-8", classes: 2, input: .init(channels: 3, height: 64, width: 48))
        let weights = try Weights(
            architecture: network, tensors: Weights.random(for: network, seed: 1).tensors(),
            metadata: ["resize": "36", "crop": "32"])
        let size = try Session(weights: weights, backend: .reference).preprocessing?.outputSize
        #expect(size == Preprocessing.Size(width: 48, height: 64))
    }

    @Test(arguments: [
        ["resize": "big"], ["resize": "0"], ["resize": "-1"], ["resize": "[1]"], ["resize": "{}"],
        ["resize": #"{"side":3}"#],
        ["resize": "{"], ["crop": "32"], ["interpolation": "bilinear"], ["resize": "36", "crop": "x"],
        ["resize": "36", "crop": #"{"width":3}"#], ["resize": "36", "crop": "99999999999"],
        ["resize": "36", "interpolation": "lanczos-7"], ["resize": #"36}, "crop": {"width": 3, "height": 3"#],
    ])
    func malformed(_ metadata: [String: String]) {
        #expect(throws: WeightsError.self) { try Self.weights(metadata) }
    }
}
