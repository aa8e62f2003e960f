import ConvNetAIGReport

extension LatencyStudy {
    /// A contender's times by the number of blocks that ran.
    func figures(_ contender: Int) -> [LatencyFigures] {
        Dictionary(grouping: samples[contender], by: \.blocks).sorted { $0.key < $1.key }.map { blocks, samples in
            let times = samples.map(\.time)
            return LatencyFigures(
                blocks: blocks, images: times.count, median: Quantile.of(times, 0.5),
                lowerQuartile: Quantile.of(times, 0.25), upperQuartile: Quantile.of(times, 0.75))
        }
    }
}
