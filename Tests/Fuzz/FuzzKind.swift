import ArgumentParser
import Foundation

/// A kind of files that other people make.
enum FuzzKind: String, CaseIterable, ExpressibleByArgument {
    case png, jpeg, webp
    case safetensors, torch, pickle
    case tar, zip
    case architecture, cifar, labels

    var number: UInt64 { UInt64(Self.allCases.firstIndex(of: self) ?? 0) }

    /// What means something in such files.
    var words: [[UInt8]] {
        let texts: [String] =
            switch self {
            case .png: ["IHDR", "PLTE", "tRNS", "IDAT", "IEND", "eXIf", "iCCP", "zTXt"]
            case .jpeg: ["Exif\0\0II*\0", "Exif\0\0MM\0*", "JFIF\0", "Adobe"]
            case .webp: ["RIFF", "WEBP", "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "EXIF", "ICCP"]
            case .safetensors:
                [
                    "\"F32\"", "\"F16\"", "\"BF16\"", "\"I64\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"",
                    "\"__metadata__\"", "null", "[", "]", "{", "}", "\\u0000", "\\ud800", "-1", "1e999",
                    "18446744073709551615",
                ]
            case .torch, .pickle:
                [
                    "cos\nsystem\n", "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch\nFloatStorage\n",
                    "ccollections\nOrderedDict\n", "cnumpy.core.multiarray\n_reconstruct\n", "(", "t", "R", "b", ".",
                    "]",
                    "}", "l", "d", "s", "u", "0", "1", "2", "q\0", "h\0", "K\u{1}", "N", "Q", "PK\u{3}\u{4}",
                    "PK\u{1}\u{2}", "PK\u{5}\u{6}", "data.pkl", "byteorder",
                ]
            case .tar: ["ustar\0", "ustar  \0", "path=", "size=", "GNU.sparse.major=1", "././@LongLink", "../", "/"]
            case .zip: ["PK\u{3}\u{4}", "PK\u{1}\u{2}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{7}\u{8}", "../"]
            case .architecture:
                [
                    "\"stages\"", "\"blocks\"", "\"width\"", "\"classes\"", "\"kernel\"", "\"gateHidden\"", "null", "{",
                    "}", "[", "]", "1e308", "-1", "9223372036854775807", "0.5", "true",
                ]
            case .cifar: ["\u{9}", "\u{A}"]
            case .labels: [",", "\t", "\"", "\n", "\r\n", "\"\"", "../", "a.png", ";"]
            }
        // Bytes above 0x7F that words of text cannot hold.
        let more: [[UInt8]] =
            switch self {
            case .jpeg:
                [[0xFF, 0xD8], [0xFF, 0xD9], [0xFF, 0xDA], [0xFF, 0xC0], [0xFF, 0xC2], [0xFF, 0xE1], [0xFF, 0]]
            case .torch, .pickle:
                [[0x80, 2], [0x85], [0x86], [0x87], [0x8A, 255], [0x8B, 255, 255, 255, 127], [0x93]]
            default: []
            }
        return texts.map { Array($0.utf8) } + more
    }

    /// Puts right what a check sum would refuse.
    func repair(_ bytes: inout [UInt8]) {
        switch self {
        case .png: repairPNG(&bytes)
        case .tar: repairTar(&bytes)
        case .webp:
            guard bytes.count >= 12 else { return }
            let size = UInt32(truncatingIfNeeded: bytes.count - 8)
            for index in 0..<4 { bytes[4 + index] = UInt8(truncatingIfNeeded: size >> (8 * UInt32(index))) }
        case .safetensors:
            // The header is as long as it says.
            guard bytes.count > 8, let end = bytes.lastIndex(of: UInt8(ascii: "}")), end > 8 else { return }
            let size = UInt64(end - 7)
            for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: size >> (8 * UInt64(index))) }
        default: return
        }
    }

    private func repairPNG(_ bytes: inout [UInt8]) {
        var position = 8
        while position + 12 <= bytes.count {
            let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= bytes.count - position - 12 else { return }
            let end = position + 8 + length
            var remainder = UInt32.max
            for byte in bytes[position + 4..<end] {
                remainder ^= UInt32(byte)
                for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1 }
            }
            for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: ~remainder >> UInt32(24 - 8 * index)) }
            position = end + 4
        }
    }

    /// Every block whose magic says that it is a header.
    private func repairTar(_ bytes: inout [UInt8]) {
        for start in stride(from: 0, to: bytes.count - 511, by: 512)
        where bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) {
            for index in 148..<156 { bytes[start + index] = 32 }
            let sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
            let digits = Array(String(sum, radix: 8).utf8)
            for (index, digit) in ([UInt8](repeating: 48, count: max(6 - digits.count, 0)) + digits).prefix(6)
                .enumerated()
            {
                bytes[start + 148 + index] = digit
            }
            bytes[start + 154] = 0
        }
    }
}
