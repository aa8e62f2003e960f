import Foundation

/// Floats at a fixed place in memory. Operators that work in place are given the same array twice, which Swift's exclusive
/// access to a class's arrays would not allow. Indices are checked in debug builds only.
final class ReferenceArray {
    let values: UnsafeMutableBufferPointer<Float>

    init(count: Int, repeating value: Float) {
        values = .allocate(capacity: count)
        values.initialize(repeating: value)
    }

    deinit { values.deallocate() }
}

/// Feature maps of a batch, or gradients with respect to such: [image][channel][row][column].
package final class ReferenceFeatureMaps {
    package let shape: FeatureShape
    private let array: ReferenceArray

    init(_ shape: FeatureShape, images: Int, repeating value: Float) {
        self.shape = shape
        array = ReferenceArray(count: shape.count * images, repeating: value)
    }

    var values: UnsafeMutableBufferPointer<Float> { array.values }

    /// The first pixel of a channel.
    func start(image: Int, channel: Int) -> Int { (image * shape.channels + channel) * shape.pixels }

    /// The pixels of a channel.
    func range(image: Int, channel: Int) -> Range<Int> {
        let start = start(image: image, channel: channel)
        return start..<start + shape.pixels
    }
}

/// Memory that feature maps of plain loops take: more than there is would end the process, not in an error.
struct ReferenceMemory {
    static let deviceName = "CPU reference"

    private(set) var byteCount = 0

    /// Counts feature maps.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)``.
    mutating func reserve(_ shape: FeatureShape, images: Int) throws {
        let limit = byteCount + (SystemMemory.available ?? Int(clamping: ProcessInfo.processInfo.physicalMemory))
        // An image's values fit an Int by the limits of architectures, but those of many images need not.
        let (bytes, overflows) = (shape.count * MemoryLayout<Float>.stride).multipliedReportingOverflow(by: images)
        let (total, exceeds) = byteCount.addingReportingOverflow(bytes)
        guard !overflows, !exceeds, total <= limit else {
            throw BackendError.batchTooLarge(
                images: images, bytes: overflows || exceeds ? .max : total, limit: limit, device: Self.deviceName)
        }
        byteCount = total
    }
}
