import ConvNetAIGReport

extension RouteStudy {
    var similarity: SimilarityFigures {
        let rates = outcomesByClass.map { outcomes in
            let rates = Self.rates(outcomes, blocks: blockCount)
            return gatedBlocks.map { rates[$0] }
        }
        let similarity = ClassSimilarity(rates: rates)
        let (merges, order) = similarity.clusters
        return SimilarityFigures(
            distances: similarity.distances, order: order, merges: merges,
            separation: KnownGroups.of(classes).flatMap {
                similarity.separation(groups: KnownGroups.names, groupByClass: $0)
            })
    }
}
