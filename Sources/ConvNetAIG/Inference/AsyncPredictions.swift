extension Session {
    /// Classifies images as a sequence delivers them.
    ///
    /// - Parameters:
    ///   - images: The images.
    ///   - policy: How the gates decide.
    ///   - top: Number of classes to give, the likeliest first.
    /// - Returns: A prediction for each image, in order.
    public func predictions<Images: AsyncSequence>(
        for images: Images, policy: GatePolicy = .argmax, top: Int = 5
    ) -> PredictionSequence<Images> where Images.Element == Image {
        PredictionSequence(images: images, session: self, policy: policy, top: top)
    }

    /// Classifies images without blocking the calling task's thread.
    ///
    /// - Throws: As the synchronous form, and `CancellationError` if the task is cancelled, also between two batches.
    public func predict(
        _ images: [Image], policy: GatePolicy = .argmax, top: Int = 5, firstImage: Int = 0
    ) async throws -> [Prediction] {
        try await offThread(on: waiting) { cancellation in
            try self.predict(
                images, policy, top: top, firstImage: firstImage, cancellation: cancellation)
        }
    }

    /// Classifies the images of a tensor without blocking the calling task's thread.
    ///
    /// - Throws: As the synchronous form, and `CancellationError` if the task is cancelled, also between two batches.
    public func predict(
        _ input: Tensor, policy: GatePolicy = .argmax, top: Int = 5, firstImage: Int = 0
    ) async throws -> [Prediction] {
        try await offThread(on: waiting) { cancellation in
            try self.predict(
                input, policy, top: top, firstImage: firstImage, cancellation: cancellation)
        }
    }
}

/// Predictions for a sequence of images, in the images' order.
///
/// Images are taken from the sequence as predictions are asked for, as many at a time as the session runs together: a
/// prediction waits until a batch is full or the source has ended. An error of the source comes after the predictions for
/// the images before it.
///
/// The sequence ends with `CancellationError` when the task that iterates over it is cancelled.
public struct PredictionSequence<Images: AsyncSequence>: AsyncSequence where Images.Element == Image {
    /// The prediction for an image.
    public typealias Element = Prediction

    let images: Images
    let session: Session
    let policy: GatePolicy
    let top: Int

    /// An iterator, which takes images from the sequence as its predictions are asked for.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(images: images.makeAsyncIterator(), session: session, policy: policy, top: top)
    }

    /// Iterates over the predictions, batch by batch.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var images: Images.AsyncIterator
        let session: Session
        let policy: GatePolicy
        let top: Int
        private var ready: ArraySlice<Prediction> = []
        private var taken = 0
        /// The error that ended the sequence, to be thrown after the predictions before it.
        private var failure: (any Error)?
        private var isDone = false

        init(images: Images.AsyncIterator, session: Session, policy: GatePolicy, top: Int) {
            self.images = images
            self.session = session
            self.policy = policy
            self.top = top
        }

        /// The next image's prediction; nil after the last.
        ///
        /// - Throws: What the sequence of images throws or `Session.predict` throws, and
        ///   `CancellationError` if the task is cancelled.
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
                // A source may end early, without an error, because the task was cancelled.
                try Task.checkCancellation()
                isDone = batch.count < session.batch
            } catch {
                isDone = true
                failure = error
            }
            guard !batch.isEmpty else { return }
            do {
                ready = try await session.predict(
                    batch, policy: policy, top: top, firstImage: taken)[...]
                taken += batch.count
            } catch {
                isDone = true
                failure = error
            }
        }
    }
}
