import ConvNetAIG

/// What the timed runs of one network came to.
struct Samples {
    private(set) var seconds: [Double] = []
    private var images = 0
    private var macs = 0
    private var executedShares = 0.0

    mutating func append(seconds: Double, _ predictions: [Prediction]) {
        self.seconds.append(seconds)
        images += predictions.count
        for prediction in predictions {
            macs += prediction.graph.macs
            executedShares += prediction.graph.executedShare
        }
    }

    /// Mean per image.
    var meanMACs: Double { Double(macs) / Double(max(images, 1)) }

    /// Mean over the images.
    var meanExecutedShare: Double { executedShares / Double(max(images, 1)) }
}
