import ConvNetAIG

/// What a network of a series takes: a row of the table, an object of the JSON file.
struct ScalingResult: Codable, Hashable {
    /// What grows from row to row.
    let series: ScalingSeries.Kind
    let architecture: String
    let height: Int
    let width: Int
    let batch: Int
    let device: String
    /// Multiply-accumulates per image.
    let macs: Int
    /// Of a batch, over its images, in milliseconds: the median over the rounds.
    let msPerImage: Double
    /// All that the session takes on its device, over the images of a batch.
    let bytesPerImage: Double
    let weightBytes: Int
    /// Of a whole batch: the input and all feature maps.
    let activationBytes: Int
    /// What these would be if none shared memory with another.
    let activationBytesUnshared: Int
    let rounds: Int

    enum CodingKeys: String, CodingKey, CaseIterable {
        case series, architecture, height, width, batch, device, macs
        case msPerImage = "ms_per_image"
        case bytesPerImage = "bytes_per_image"
        case weightBytes = "weight_bytes"
        case activationBytes = "activation_bytes"
        case activationBytesUnshared = "activation_bytes_unshared"
        case rounds
    }

    var timePerMAC: Double { msPerImage / Double(max(macs, 1)) }
    var bytesPerMAC: Double { bytesPerImage / Double(max(macs, 1)) }
    /// Of a batch: what orders the rows of a series.
    var batchMACs: Int { macs * batch }
}
