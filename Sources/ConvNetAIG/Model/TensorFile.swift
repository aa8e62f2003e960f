import FileSystem
import Pickle

/// A file of named tensors, whatever its format: ``SafetensorsFile`` or ``TorchCheckpoint``.
public protocol TensorFile: Sendable {
    /// Where the file is, or what it is called.
    var path: String { get }
    /// The names of all tensors, sorted.
    var names: [String] { get }
    /// The file's own key-value pairs; empty where the format has none.
    var metadata: [String: String] { get }

    /// Type and shape of a tensor, or nil if there is none of that name.
    func info(_ name: String) -> TensorInfo?

    /// A copy of a tensor's values as Float, in the order of its shape.
    func floats(_ name: String) throws -> [Float]

    /// Calls `body` with a tensor's values as Float, which are copied only where they are not that in the file. The pointer
    /// is valid during the call only.
    func withFloats<Result>(_ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Result) throws -> Result

    /// Lets go of the memory that reading a tensor took; to read it again takes it again.
    func releasePages(of name: String)
}

/// Opening of files of tensors.
public enum TensorFiles {
    /// Opens a file, whose format is told from its contents and not from its name.
    ///
    /// - Throws: ``SafetensorsError``, which also says what a file is that is neither; what is wrong with a checkpoint of
    ///   PyTorch.
    public static func open(path: String) throws -> any TensorFile {
        let file = try SafetensorsError.converting(MappedFile(path: path))
        if TorchFile.isZip(file) || TorchFile.isTar(file) || isPickle(file) {
            return TorchCheckpoint(try TorchFile(path: path, file: file))
        }
        if let problem = otherContents(file.bytes) { throw SafetensorsError.notWeights(path: path, problem: problem) }
        guard !isText(file.bytes) else { throw SafetensorsError.malformed(path: path, problem: "it is text") }
        return try SafetensorsFile(path: path, mapping: file)
    }

    /// The first two bytes of a pickle may also begin the length of a safetensors header, which a brace follows.
    private static func isPickle(_ file: MappedFile) -> Bool {
        guard TorchFile.isPickle(file) else { return false }
        guard file.bytes.count > 8, file.bytes[8] == UInt8(ascii: "{") else { return true }
        return UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self)) > SafetensorsHeader.maximumSize
    }

    /// What a file is that people have in the place of weights, and what to do; nil if it is none of these.
    private static func otherContents(_ bytes: UnsafeRawBufferPointer) -> String? {
        let start = String(decoding: bytes.prefix(1024), as: UTF8.self)
        if start.hasPrefix("version https://git-lfs.github.com/spec/") {
            return "it is a pointer of Git LFS, which stands for a file that was not fetched; run git lfs pull"
        }
        let text = start.drop { $0.isWhitespace || $0 == "\u{FEFF}" }.lowercased()
        if ["<!doctype html", "<html", "<?xml", "<head", "<body"].contains(where: text.hasPrefix) {
            return "it is a web page; a download has to be of the file itself"
        }
        let compressed: [([UInt8], String)] = [
            ([0x1F, 0x8B], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"),
        ]
        for (signature, name) in compressed where bytes.starts(with: signature) {
            return "it is compressed by \(name); unpack it first"
        }
        if bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) {
            return "it is in the HDF5 format of Keras; save the weights as safetensors"
        }
        // A field of a protocol buffer, the version of the format, and then who wrote it.
        if bytes.count > 8, bytes[8] != UInt8(ascii: "{"), bytes[0] == 0x08, bytes[1] < 0x20,
            bytes[2] == 0x12 || bytes[2] == 0x3A
        {
            return "it is an ONNX file or another protocol buffer; save the weights with safetensors or torch.save"
        }
        let signatures = [
            ("GGUF", 0, "in the GGUF format"), ("TFL3", 4, "in the format of TensorFlow Lite"),
            ("\u{93}NUMPY", 0, "an array of NumPy"),
            ("\u{89}PNG", 0, "a picture"),
        ]
        for (signature, start, what) in signatures
        where bytes.dropFirst(start).starts(with: signature.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        {
            return "it is \(what); weights are safetensors files or checkpoints of PyTorch"
        }
        if text.hasPrefix("{"), text.contains("\"weight_map\"") {
            return
                "it is the index of weights in several files; save them as one, with save_pretrained(max_shard_size=…)"
        }
        return nil
    }

    /// As a server's answer in the place of a file is. The length that safetensors begins with is none.
    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !bytes.isEmpty && bytes.prefix(256).allSatisfy { (0x20..<0x7F).contains($0) || (9...13).contains($0) }
    }
}
