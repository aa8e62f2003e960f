import Testing

@testable import ConvNetAIGTraining

@Suite struct ProgressBarTests {
    private static let progress = TrainingProgress(
        epoch: 3, epochs: 30, step: 123, steps: 391, loss: 1.23456, accuracy: 0.5678, executionRate: 0.7123,
        learningRate: 0.1, imagesPerSecond: 811.6, secondsLeft: 4983)

    private static let finished: TrainingProgress = {
        var progress = Self.progress
        progress.step = 391
        progress.finished = CurvePlotTests.metrics(3)[2]
        return progress
    }()

    @Test func lines() {
        #expect(
            ProgressBar.line(Self.progress, width: 200)
                == "epoch 3/30  [######..............] 123/391  loss 1.235  accuracy 56.8 %  blocks run 71.2 %  "
                + "812 images/s  1 h 23 min left")
        for width in 0..<140 { #expect(ProgressBar.line(Self.progress, width: width).count < max(width, 1)) }
        #expect(ProgressBar.line(Self.progress, width: 60) == "epoch 3/30  [######..............] 123/391  loss 1.235")
    }

    @Test func terminalsGetOneLineAndAnotherPerEpoch() {
        var written: [String] = []
        var bar = ProgressBar(width: 60) { written.append($0) }
        bar.show(Self.progress)
        // Comes too soon to be shown.
        bar.show(Self.progress)
        bar.show(Self.finished)
        bar.end()
        #expect(written.count == 3)
        #expect(written[0].hasPrefix("\r\u{1B}[Kepoch 3/30  [") && !written[0].contains("\n"))
        #expect(written[1].hasPrefix("\r\u{1B}[Kepoch 3/30: loss ") && written[1].hasSuffix("\n"))
        #expect(written[2] == "\r\u{1B}[K")
    }

    @Test func pipesGetALinePerEpoch() {
        var written: [String] = []
        var bar = ProgressBar(width: nil) { written.append($0) }
        bar.show(Self.progress)
        bar.show(Self.finished)
        bar.end()
        #expect(
            written == [
                "epoch 3/30: loss 1.4720; accuracy 38.0 %; blocks run 80.0 %; validation 61.7 % at 70.0 % of MACs, blocks "
                    + "run 65.0 %; learning rate 0.1; 0 images/s; 1 h 23 min left\n"
            ])
    }

    @Test func durations() {
        #expect(
            [-1, 0.4, 59.4, 60, 3599, 3600, 90_000, 200_000, .infinity].map(ProgressBar.duration)
                == ["0 s", "0 s", "59 s", "1 min 0 s", "59 min 59 s", "1 h 0 min", "1 d 1 h", "2 d 7 h", "ages"])
    }
}
