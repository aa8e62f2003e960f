@testable import Pickle

/// Files as `torch.save` writes them, with anything in them.
enum TorchArchiveBytes {
    /// A zip archive of entries that are not compressed.
    ///
    /// - Parameters:
    ///   - method: how the directory says that entries are compressed.
    ///   - isLarge: writes sizes, offsets and the number of entries as ZIP64 does, whether they need it or not.
    static func zip(
        _ entries: [(name: String, contents: [UInt8])], method: UInt16 = 0, isLarge: Bool = false
    ) -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for (name, contents) in entries {
            let offset = file.count
            let size = UInt32(contents.count)
            file += [0x50, 0x4B, 3, 4] + littleEndian(UInt16(20)) + littleEndian(UInt16(0)) + littleEndian(method)
            file += [UInt8](repeating: 0, count: 8) + littleEndian(size) + littleEndian(size)
            file +=
                littleEndian(UInt16(name.utf8.count)) + littleEndian(UInt16(4)) + Array(name.utf8) + [0x46, 0x42, 0, 0]
            file += contents
            let extra =
                isLarge
                ? littleEndian(UInt16(1)) + littleEndian(UInt16(24)) + littleEndian(UInt64(size))
                    + littleEndian(UInt64(size)) + littleEndian(UInt64(offset)) : []
            let shown = isLarge ? UInt32.max : size
            directory +=
                [0x50, 0x4B, 1, 2] + littleEndian(UInt16(20)) + littleEndian(UInt16(20)) + littleEndian(UInt16(0))
            directory +=
                littleEndian(method) + [UInt8](repeating: 0, count: 8) + littleEndian(shown) + littleEndian(shown)
            directory += littleEndian(UInt16(name.utf8.count)) + littleEndian(UInt16(extra.count))
            directory += [UInt8](repeating: 0, count: 10) + littleEndian(isLarge ? UInt32.max : UInt32(offset))
            directory += Array(name.utf8) + extra
        }
        let start = file.count
        file += directory
        if isLarge {
            let end = file.count
            file += [0x50, 0x4B, 6, 6] + littleEndian(UInt64(44)) + [UInt8](repeating: 0, count: 12)
            file += littleEndian(UInt64(entries.count)) + littleEndian(UInt64(entries.count))
            file += littleEndian(UInt64(directory.count)) + littleEndian(UInt64(start))
            file += [0x50, 0x4B, 6, 7] + littleEndian(UInt32(0)) + littleEndian(UInt64(end)) + littleEndian(UInt32(1))
        }
        let count = isLarge ? UInt16.max : UInt16(entries.count)
        file += [0x50, 0x4B, 5, 6] + littleEndian(UInt32(0)) + littleEndian(count) + littleEndian(count)
        file += littleEndian(UInt32(directory.count)) + littleEndian(isLarge ? UInt32.max : UInt32(start))
        return file + littleEndian(UInt16(0))
    }

    /// The pickle of a dictionary that has a tensor under `a`.
    static func pickle(
        storage: String = "torch\nFloatStorage", key: String = "0", offset: Int = 0, shape: [Int], strides: [Int]
    ) -> [UInt8] {
        func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + littleEndian(Int64(value)) }
        func tuple(_ values: [Int]) -> [UInt8] { instruction("(") + values.flatMap(integer) + instruction("t") }
        func text(_ value: String) -> [UInt8] { instruction("U") + [UInt8(value.utf8.count)] + instruction(value) }
        return instruction("}") + text("a") + instruction("ctorch._utils\n_rebuild_tensor_v2\n((") + text("storage")
            + instruction("c\(storage)\n") + text(key) + text("cpu") + integer(4) + instruction("tQ") + integer(offset)
            + tuple(shape) + tuple(strides) + [0x89] + instruction("}tRs.")
    }

    /// An archive with one storage, of the numbers 0, 1, 2 and 3.
    static func archive(pickle: [UInt8], isLarge: Bool = false, order: String? = nil) -> [UInt8] {
        let values = (0..<4).flatMap { littleEndian(Float($0).bitPattern) }
        let entries = [("x/data.pkl", pickle), ("x/data/0", values), ("x/version", Array("3\n".utf8))]
        return zip(entries + (order.map { [("x/byteorder", Array($0.utf8))] } ?? []), isLarge: isLarge)
    }
}
