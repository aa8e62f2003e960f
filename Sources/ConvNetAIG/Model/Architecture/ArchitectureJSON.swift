import FileSystem
import Foundation

extension Architecture: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name, input, stem, stages, blockKind, shortcut, gateHidden, ungatedBlocks, classes
    }

    /// Decodes an architecture and checks it. `input`, `stem`, `stages`, `blockKind` and `classes` are required; `name`
    /// ("custom"), `shortcut` ("projection"), `gateHidden` (none) and `ungatedBlocks` (none) are optional.
    ///
    /// - Throws: ``ArchitectureError`` for unknown keys and sizes out of bounds, `DecodingError` for missing
    ///   keys and wrong types.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
        try self.init(
            name: try container.decodeIfPresent(String.self, forKey: .name) ?? "custom",
            input: try container.decode(InputShape.self, forKey: .input).shape,
            stem: try container.decode(Stem.self, forKey: .stem),
            stages: try container.decode([Stage].self, forKey: .stages),
            blockKind: try container.decode(BlockKind.self, forKey: .blockKind),
            shortcut: try container.decodeIfPresent(ShortcutKind.self, forKey: .shortcut) ?? .projection,
            gateHidden: try container.integerIfPresent(forKey: .gateHidden),
            ungatedBlocks: try container.decodeIfPresent([Int].self, forKey: .ungatedBlocks) ?? [],
            classes: try container.integer(forKey: .classes))
    }

    /// The shape of an input: `height`, `width` and optionally `channels` (3).
    private struct InputShape: Decodable {
        let shape: FeatureShape

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case channels, height, width
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
            shape = FeatureShape(
                channels: try container.integerIfPresent(forKey: .channels) ?? 3,
                height: try container.integer(forKey: .height), width: try container.integer(forKey: .width))
        }
    }

    /// Encodes every property; a plain ResNet has no `gateHidden`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(input, forKey: .input)
        try container.encode(stem, forKey: .stem)
        try container.encode(stages, forKey: .stages)
        try container.encode(blockKind, forKey: .blockKind)
        try container.encode(shortcut, forKey: .shortcut)
        try container.encodeIfPresent(gateHidden, forKey: .gateHidden)
        try container.encode(ungatedBlocks, forKey: .ungatedBlocks)
        try container.encode(classes, forKey: .classes)
    }

    /// The architecture as indented JSON with sorted keys; ``init(json:)`` reads it back.
    public func json() throws(ArchitectureError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            throw .invalidJSON("the architecture cannot be written: \(error)")
        }
    }

    /// Reads an architecture from JSON text.
    ///
    /// - Throws: ``ArchitectureError`` saying which key is missing, unknown, of the wrong type or out of
    ///   bounds.
    public init(json: String) throws(ArchitectureError) {
        guard json.utf8.count <= Self.maximumJSONSize else {
            throw .invalidJSON("it has more than \(Self.maximumJSONSize) bytes, so it is no architecture")
        }
        do {
            self = try JSONDecoder().decode(Architecture.self, from: Data(json.utf8))
        } catch let error as ArchitectureError {
            throw error
        } catch let error as DecodingError {
            throw .invalidJSON(JSONProblem.syntax(json) ?? JSONProblem.explanation(of: error))
        } catch {
            throw .invalidJSON("\(error)")
        }
    }

    /// Loads a network by its name or from a JSON file.
    ///
    /// - Parameters:
    ///   - nameOrJSONPath: A name as in ``init(named:classes:input:)``, or the path of a JSON file as written
    ///     by ``json()``. A name wins over a file of the same name.
    ///   - classes: Number of classes, instead of the network's own.
    /// - Throws: ``ArchitectureError``.
    public static func load(
        _ nameOrJSONPath: String, classes: Int? = nil
    ) throws(ArchitectureError) -> Architecture {
        do {
            return try Architecture(named: nameOrJSONPath, classes: classes)
        } catch .unknownName(let name, let suggestion) {
            let status = FileStatus(nameOrJSONPath)
            guard status != nil || nameOrJSONPath.contains("/") || nameOrJSONPath.lowercased().hasSuffix(".json")
            else {
                throw .unknownName(name, suggestion: suggestion)
            }
            guard let status, !status.isFolder else {
                throw .unreadableFile(
                    path: nameOrJSONPath, problem: status != nil ? "it is a directory" : "there is no such file")
            }
            let architecture = try Architecture(json: try readText(atPath: nameOrJSONPath))
            guard let classes else { return architecture }
            return try architecture.with(classes: classes)
        }
    }

    private static let maximumJSONSize = 1 << 20

    private static func readText(atPath path: String) throws(ArchitectureError) -> String {
        let data: [UInt8]
        do {
            // One byte more than is allowed tells too long a file from one that just fits.
            data = try readBytes(path, limit: maximumJSONSize + 1)
        } catch {
            throw .unreadableFile(path: path, problem: error.problem)
        }
        guard data.count <= maximumJSONSize else {
            throw .unreadableFile(
                path: path, problem: "it has more than \(maximumJSONSize) bytes, so it is no architecture")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw .unreadableFile(path: path, problem: "it is not UTF-8 text")
        }
        return text
    }
}
