/// Predictions for a sequence of images, in the images' order.
///
/// Images are taken from the sequence as predictions are asked for, as many at a time as the session runs together: a
/// prediction waits until a batch is full or the source has ended. An error of the source comes after the predictions for
/// the images before it.
public struct PredictionSequence<Images: AsyncSequence>: AsyncSequence where Images.Element == Image {
    public typealias Element = Prediction

    let images: Images
    let session: Session
    let policy: GatePolicy
    let candidates: Int

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(images: images.makeAsyncIterator(), session: session, policy: policy, candidates: candidates)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var images: Images.AsyncIterator
        let session: Session
        let policy: GatePolicy
        let candidates: Int
        private var ready: ArraySlice<Prediction> = []
        private var taken = 0
        /// What ended the sequence, to be told once the predictions before it are.
        private var failure: (any Error)?
        private var isDone = false

        init(images: Images.AsyncIterator, session: Session, policy: GatePolicy, candidates: Int) {
            self.images = images
            self.session = session
            self.policy = policy
            self.candidates = candidates
        }

        /// - Throws: what the sequence of images throws, or ``Session/predict(_:policy:candidates:firstImage:)``.
        public mutating func next() async throws -> Prediction? {
            if ready.isEmpty, !isDone { await predictBatch() }
            if let prediction = ready.popFirst() { return prediction }
            defer { failure = nil }
            if let failure { throw failure }
            return nil
        }

        private mutating func predictBatch() async {
            var batch: [Image] = []
            do {
                while batch.count < session.batch, let image = try await images.next() { batch.append(image) }
                isDone = batch.count < session.batch
            } catch {
                isDone = true
                failure = error
            }
            guard !batch.isEmpty else { return }
            do {
                ready = try await session.predict(
                    batch, policy: policy, candidates: candidates, firstImage: taken)[...]
                taken += batch.count
            } catch {
                isDone = true
                failure = error
            }
        }
    }
}

extension Session {
    /// Classifies images as they come.
    ///
    /// - Parameters:
    ///   - images: the images.
    ///   - policy: how gates decide.
    ///   - candidates: how many of the likeliest classes to give.
    public func predictions<Images: AsyncSequence>(
        for images: Images, policy: GatePolicy = .argmax, candidates: Int = 5
    ) -> PredictionSequence<Images> where Images.Element == Image {
        PredictionSequence(images: images, session: self, policy: policy, candidates: candidates)
    }
}
