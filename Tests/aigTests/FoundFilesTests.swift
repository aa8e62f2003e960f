import ConvNetAIG
import FileSystem
import Foundation
import TestSupport
import Testing

/// Paths and options as they come, through the command line: what the library's own tests cannot show.
@Suite(.timeLimit(.minutes(5))) struct FoundFilesTests {
    private let fixture: TrainingFixture
    private let weights: String

    init() throws {
        fixture = try TrainingFixture()
        weights = fixture.path("weights.safetensors")
        try Weights.random(for: .load(fixture.architecture), seed: 1).write(to: weights)
    }

    /// Runs lines of shell in the fixture's folder, where `$top` is a folder whose name is no UTF-8 and `aig` is the program.
    private func shell(_ lines: String) async throws -> AIGProcess.Outcome {
        try await AIGProcess.shell(
            """
            set -e
            cd '\(fixture.folder.path)'
            top=$(printf 'n\\351 :')
            mkdir -p "$top"
            aig() { "$AIG" "$@"; }
            \(lines)
            """)
    }

    private var top: String { fixture.folder.path + "/" + String(pathBytes: [0x6E, 0xE9, 0x20, 0x3A]) }

    @Test func whatIsWrittenMayBeCalledAnything() async throws {
        let outcome = try await shell(
            """
            aig convert '\(weights)' "$top/out.safetensors"
            cp '\(fixture.architecture)' "$top/network.json"
            aig inspect "$top/out.safetensors" --architecture "$top/network.json" > "$top/text"
            aig evaluate --weights '\(weights)' --data '\(fixture.data)' --limit 4 --backend reference \\
                --predictions "$top/predictions.csv" > "$top/text"
            aig train --architecture "$top/network.json" --data '\(fixture.data)' --epochs 1 --batch 4 \\
                --backend reference --output "$top/new/run" --plot "$top/curves.svg"
            aig train --resume --epochs 2 --output "$top/new/run" --backend reference
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let written = try folderContents(top)
        #expect(
            written.sorted() == ["curves.svg", "network.json", "new", "out.safetensors", "predictions.csv", "text"])
        #expect(try folderContents(top + "/new/run").contains("checkpoint.safetensors"))
        // As they are shown, nothing stands for something else.
        #expect(outcome.output.contains("n\\xE9 :/new/run/best.safetensors"), "\(outcome.output)")
        let metrics = try readBytes(top + "/new/run/metrics.jsonl")
        #expect(metrics.count { $0 == UInt8(ascii: "\n") } == 2)
    }

    @Test func namesOfImagesAreWrittenOutInTables() async throws {
        let outcome = try await shell(
            """
            mkdir -p "$top/cat"
            cp '\(Fixtures.path("samples/color.png"))' "$top/cat/$(printf '\\377').png"
            aig evaluate --data "$top" --backend reference --predictions table.csv --json > result.json
            aig classify --json --backend reference "$top"
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let table = String(validating: try readBytes(fixture.path("table.csv")), as: UTF8.self)
        #expect(table?.contains("\r\ncat/\\xFF.png,cat,") == true, "\(table ?? "no UTF-8")")
        struct ImageResult: Decodable { let file: String }
        #expect(try outcome.decoded([ImageResult].self).map(\.file) == ["n\\xE9 :/cat/\\xFF.png"])
    }

    @Test(arguments: [
        ["evaluate", "--mean", "124,116,104", "--std", "58,57,57"], ["evaluate", "--std", "58.4,57.1,57.4"],
        ["train", "--mean", "124,116,104"],
    ])
    func numbersForWhiteAt255AreRefused(_ arguments: [String]) async throws {
        let outcome = try await AIGProcess.run(arguments + ["--data", fixture.data])
        #expect(outcome.status == 64 && outcome.errors.contains("divide by 255"), "\(outcome.errors)")
    }

    @Test func imagesAreNotWrittenOver() async throws {
        let image = fixture.path("picture.png")
        try FileManager.default.copyItem(atPath: Fixtures.path("samples/color.png"), toPath: image)
        let before = try readBytes(image)
        for arguments in [
            ["evaluate", "--data", fixture.data, "--weights", weights, "--predictions", image],
            ["explain", Fixtures.path("samples/color.png"), "--svg", image], ["convert", weights, image],
        ] {
            let outcome = try await AIGProcess.run(arguments)
            #expect(outcome.status == 1 && outcome.errors.contains("\(image) is a picture"), "\(outcome.errors)")
        }
        #expect(try readBytes(image) == before)
    }

    @Test func anOptimizerAloneIsNoNetwork() async throws {
        // {"epoch": 3}, as Python writes it.
        let pickle = "\u{80}\u{2}}q\u{0}X\u{5}\u{0}\u{0}\u{0}epochq\u{1}K\u{3}s."
        let path = try fixture.folder.file("optimizer.pth", pickle.unicodeScalars.map { UInt8($0.value) })
        let outcome = try await AIGProcess.run("convert", path, fixture.path("out.safetensors"))
        #expect(outcome.status == 1 && outcome.errors.contains("has no tensors"), "\(outcome.errors)")
    }

    @Test func aRunWhoseImagesHaveMoved() async throws {
        let outcome = try await shell(
            """
            cp -r '\(fixture.data)' mine
            aig train --architecture '\(fixture.architecture)' --data mine --epochs 1 --batch 4 --backend reference \\
                --output run
            mv mine moved
            if aig train --resume --epochs 2 --output run --backend reference; then exit 9; fi
            aig train --resume --epochs 2 --output run --backend reference --data moved
            mkdir moved/train/another && cp "$(find moved/train -type f | head -n 1)" moved/train/another
            aig train --resume --epochs 3 --output run --backend reference --data moved
            """)
        #expect(outcome.status == 1)
        #expect(
            outcome.errorCount == 2 && outcome.errors.contains("pass --data with where they are"), "\(outcome.errors)")
        #expect(outcome.errors.contains("epoch 2/2") && outcome.errors.contains("The run tells apart the classes"))
    }
}
