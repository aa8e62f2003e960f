import Foundation

/// Sound files of each kind, which are damaged: the tests' fixtures, and small ones made here.
enum FuzzSamples {
    /// - Parameter fixtures: the folder of the tests' fixtures.
    static func samples(_ kind: FuzzKind, fixtures: String) throws -> [[UInt8]] {
        switch kind {
        case .png: try files(fixtures, ["pictures", "samples"], [".png"])
        case .jpeg: try files(fixtures, ["pictures", "samples"], [".jpg", ".jpeg"])
        case .webp: try files(fixtures, ["pictures"], [".webp"])
        case .safetensors: try files(fixtures, ["checkpoints"], [".safetensors"])
        case .torch: try files(fixtures, ["checkpoints"], [".pth", ".pt", ".th", ".tar"])
        case .pickle: try files(fixtures, ["cifar-10-batches-py"], ["_batch", "_1", ".meta"]) + plainPickles
        case .tar: try tars()
        case .zip: try files(fixtures, ["archives"], [".zip"]) + tars(compressed: true)
        case .architecture: try files(fixtures, ["", "checkpoints"], [".json"])
        case .cifar: [cifar(100, labels: 1), cifar(1, labels: 1), cifar(7, labels: 2)]
        case .labels:
            [
                "a.png,cat\nb.png,dog\n", "name,label\r\n\"a.png\",\"tench, \"\"Tinca\"\" tinca\"\r\nc/d.png,2\r\n",
                "a.png\tn01440764\t0\t0\t62\t57\n", "\u{FEFF}id;breed\na;3\nb;4",
            ].map { Array($0.utf8) }
        }
    }

    private static func files(_ fixtures: String, _ folders: [String], _ endings: [String]) throws -> [[UInt8]] {
        try folders.flatMap { folder -> [[UInt8]] in
            let path = fixtures + "/" + folder
            let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            return try names.filter { name in endings.contains { name.hasSuffix($0) } }.map { name in
                [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
            }
        }
    }

    /// Values of every kind in protocols 0 and 2.
    private static let plainPickles: [[UInt8]] = [
        Array("(dp0\nS'labels'\np1\n(lp2\nI1\naI2\nasS'data'\np3\nF1.5\nsS'x'\nNs.".utf8),
        [0x80, 2] + Array("}q\0(X\u{5}\0\0\0labelsq\u{1}]q\u{2}(K\u{1}K\u{2}eX\u{1}\0\0\0xq\u{3}h\u{2}u.".utf8),
        [0x80, 4, 0x95, 9, 0, 0, 0, 0, 0, 0, 0, 0x5D, 0x94, 0x28, 0x4B, 1, 0x8C, 1, 0x61, 0x94, 0x65, 0x2E],
    ]

    private static func cifar(_ records: Int, labels: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for record in 0..<records {
            for label in 0..<labels { bytes.append(UInt8((record + label) % 10)) }
            for sample in 0..<3072 { bytes.append(UInt8(truncatingIfNeeded: sample &* 7 &+ record)) }
        }
        return bytes
    }

    /// Archives of a few files, links and a hole, by the system's tar.
    private static func tars(compressed: Bool = false) throws -> [[UInt8]] {
        let folder = FileManager.default.temporaryDirectory.path + "/aig-fuzz-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let commands =
            compressed
            ? ["tar -czf 1 set", "tar -cJf 2 set", "tar -cjf 3 set"]
            : [
                "tar --format=gnu -cf 1 set", "tar --format=pax -cf 2 set", "tar --format=ustar -cf 3 set/a set/b",
                "tar --format=v7 -cf 4 set/a", "tar --sparse -cf 5 set", "tar --sparse --format=pax -cf 6 set",
                "tar -cf set/inner.tar set/a && tar -cf 7 set", "tar --listed-incremental=list -cf 8 set",
            ]
        let script =
            "cd '\(folder)' && mkdir -p set/a set/b && echo one > set/a/1.png && ln -s 1.png set/a/2.png "
            + "&& ln set/a/1.png set/b/3.png && ln -s ../a set/b/c && printf x > set/hole && truncate -s 9000 set/hole && "
            + "mkdir set/$(printf 'long-name-%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14) && "
            + commands.joined(separator: " && ")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        try process.run()
        process.waitUntilExit()
        return try (1...8).compactMap { number in
            let path = folder + "/\(number)"
            guard FileManager.default.fileExists(atPath: path) else { return nil }
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }
}
