import Testing

@testable import ConvNetAIGStudies

@Suite struct ClassSimilarityTests {
    /// Two near each other, two others near each other.
    private let rates = [[0.1, 0.9], [0.9, 0.1], [0.2, 0.8], [0.8, 0.3]]

    @Test func distancesAreMeanDifferences() {
        let distances = ClassSimilarity(rates: rates).distances
        #expect(distances[0][0] == 0)
        #expect(abs(distances[0][1] - 0.8) < 1e-12)
        #expect(abs(distances[0][2] - 0.1) < 1e-12)
        #expect(abs(distances[1][3] - 0.15) < 1e-12)
        #expect(distances[1][0] == distances[0][1])
    }

    @Test func theNearestAreMergedFirstAndByMeanDistance() {
        let similarity = ClassSimilarity(rates: rates)
        let (merges, order) = similarity.clusters
        #expect(merges.map(\.left) == [0, 1, 4])
        #expect(merges.map(\.right) == [2, 3, 5])
        let distances = similarity.distances
        let last = (distances[0][1] + distances[0][3] + distances[2][1] + distances[2][3]) / 4
        #expect(zip(merges.map(\.distance), [0.1, 0.15, last]).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(order == [0, 2, 1, 3])
    }

    @Test func groupsThatAreTheClustersSeparateBest() throws {
        let similarity = ClassSimilarity(rates: rates)
        let good = try #require(similarity.separation(groups: ["a", "b"], groupByClass: [0, 1, 0, 1]))
        #expect(good.between > good.within)
        // Of the three ways to pair four, counted with either group first, only this one is as good.
        #expect(abs(good.p - 1.0 / 3) < 1e-12)
        let bad = try #require(similarity.separation(groups: ["a", "b"], groupByClass: [0, 0, 1, 1]))
        #expect(bad.p > good.p)
        #expect(similarity.separation(groups: ["a", "b"], groupByClass: [0, 1, 1, 1]) == nil)
    }

    @Test func oneClassHasNoClusters() {
        let (merges, order) = ClassSimilarity(rates: [[0.5]]).clusters
        #expect(merges.isEmpty)
        #expect(order == [0])
    }

    @Test func cifarsClassesAreAnimalsAndVehicles() {
        #expect(KnownGroups.of(["truck", "cat", "ship"]) == [1, 0, 1])
        #expect(KnownGroups.of(["truck", "teapot"]) == nil)
    }
}
