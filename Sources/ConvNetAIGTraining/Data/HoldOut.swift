extension Dataset {
    /// Splits off a share of every class, to validate on images that are not trained with.
    ///
    /// Of each class the rounded share is held out, but at least one image and not all of them; a class of one image is
    /// kept for training. Both parts keep the order of the images and depend only on the dataset, the share and the seed.
    ///
    /// - Parameters:
    ///   - fraction: the share that is held out, more than 0 and less than 1.
    ///   - seed: decides which images.
    /// - Throws: `DatasetError/invalidShare(_:)` for any other share, `DatasetError/nothingToHoldOut(path:)` if no class
    ///   has two images.
    public func holdOut(
        fraction: Double, seed: UInt64 = 0
    ) throws(DatasetError) -> (training: DatasetSubset, heldOut: DatasetSubset) {
        guard fraction > 0, fraction < 1 else { throw DatasetError.invalidShare(fraction) }
        let byClass = Dictionary(grouping: 0..<count, by: label)
        var isHeldOut = [Bool](repeating: false, count: count)
        for (label, indices) in byClass where indices.count > 1 {
            var random = RandomSequence(seed: seed, purpose: .holdOut, stream: (label, 0))
            let share = Int((Double(indices.count) * fraction).rounded())
            for index in random.shuffled(indices).prefix(min(max(share, 1), indices.count - 1)) {
                isHeldOut[index] = true
            }
        }
        guard isHeldOut.contains(true) else { throw DatasetError.nothingToHoldOut(path: path) }
        return (
            DatasetSubset(of: self, indices: (0..<count).filter { !isHeldOut[$0] }),
            DatasetSubset(of: self, indices: (0..<count).filter { isHeldOut[$0] })
        )
    }
}

extension DataSource {
    /// Splits off a share of every class of `train`, as the images' own `holdOut`.
    ///
    /// - Throws: `DatasetError`, and what `train` throws.
    public func holdOut(
        fraction: Double, seed: UInt64 = 0
    ) throws -> (training: DatasetSubset, heldOut: DatasetSubset) {
        try train.holdOut(fraction: fraction, seed: seed)
    }
}
