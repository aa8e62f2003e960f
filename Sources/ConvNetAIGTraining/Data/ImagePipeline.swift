import Foundation
import Synchronization

/// Threads that prepare batches of network input, in order and ahead of the caller.
///
/// All threads work on one batch at a time where they can, so that the next one is ready as early as possible. They are not
/// threads of Swift's pool, which must not wait for files. They live until the last batch is prepared or ``stop()`` is
/// called.
final class ImagePipeline: @unchecked Sendable {
    // Unchecked: mutable state is only touched with the lock held, and an image's memory only by the thread that fills it.

    /// A finished batch.
    struct Batch {
        /// The images that could be read, one after the other.
        var images: [Float]
        /// The indices of all its images.
        var indices: ArraySlice<Int>
        /// The reason why an image could not be read, by the image's index.
        var failures: [Int: String]
    }

    /// A batch in the making.
    private final class Work {
        let indices: ArraySlice<Int>
        let memory: UnsafeMutableBufferPointer<Float>
        /// The first image that no thread has begun.
        var next: Int
        /// Threads at work on it.
        var threads = 0
        var failures: [Int: String] = [:]

        init(_ indices: ArraySlice<Int>, _ memory: UnsafeMutableBufferPointer<Float>) {
            self.indices = indices
            self.memory = memory
            next = indices.startIndex
        }
    }

    /// Prepares one image, given its index and memory for its values.
    typealias Fill = @Sendable (_ index: Int, _ memory: UnsafeMutableBufferPointer<Float>) throws -> Void

    private let order: [Int]
    private let batchSize: Int
    private let valueCount: Int
    private let end: Int
    private let ahead: Int
    private let fill: Fill
    /// Images that a thread takes at once: several if preparing one takes less time than the lock.
    private let share: Int

    private let condition = NSCondition()
    /// Outside the lock, to be read between two images.
    private let isStopped = Atomic(false)
    /// The next batch to begin.
    private var begun: Int
    /// The next batch to hand out.
    private var taken: Int
    private var works: [Work] = []
    private var ready: [Int: Batch] = [:]
    private var threads: [pthread_t] = []

    /// - Parameters:
    ///   - order: the indices of all images, in the order of the batches.
    ///   - batchSize: images per batch.
    ///   - batches: the batches to prepare. The last one of the order may be smaller than the others.
    ///   - valueCount: values per image.
    ///   - threads: number of threads. If the system gives none, batches are prepared as they are taken.
    ///   - ahead: maximum number of batches that are begun or ready at a time.
    ///   - fill: prepares one image.
    init(
        order: [Int], batchSize: Int, batches: Range<Int>, valueCount: Int, threads: Int, ahead: Int,
        fill: @escaping Fill
    ) {
        self.order = order
        self.batchSize = batchSize
        self.valueCount = valueCount
        self.ahead = ahead
        self.fill = fill
        end = batches.upperBound
        begun = batches.lowerBound
        taken = batches.lowerBound
        share = min(max(65_536 / max(valueCount, 1), 1), 32)
        guard !batches.isEmpty else { return }
        for _ in 0..<max(threads, 0) {
            guard let thread = start() else { return }
            self.threads.append(thread)
        }
    }

    /// The next batch, waiting for it if need be; nil after the last one, or if the pipeline was stopped.
    func next() -> Batch? {
        condition.lock()
        defer { condition.unlock() }
        guard taken < end, !isStopped.load(ordering: .relaxed) else { return nil }
        if threads.isEmpty {
            let number = taken
            taken += 1
            begun = taken
            condition.unlock()
            defer { condition.lock() }
            return make(number)
        }
        while true {
            if isStopped.load(ordering: .relaxed) || taken == end { return nil }
            if let batch = ready.removeValue(forKey: taken) {
                taken += 1
                condition.broadcast()
                return batch
            }
            condition.wait()
        }
    }

    /// Whether the last batch has been taken.
    var isFinished: Bool {
        condition.lock()
        defer { condition.unlock() }
        return taken == end
    }

    /// Ends the threads, waiting for the images they are working on. A caller waiting for a batch gets nil.
    func stop() {
        condition.lock()
        isStopped.store(true, ordering: .relaxed)
        ready = [:]
        let ending = threads
        threads = []
        condition.broadcast()
        condition.unlock()
        for thread in ending { pthread_join(thread, nil) }
    }

    /// Starts a thread; nil if the system has no more threads.
    private func start() -> pthread_t? {
        let context = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<ImagePipeline>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            return nil
        }
        return thread
    }

    /// The work of one thread.
    private func run() {
        condition.lock()
        defer { condition.unlock() }
        while !isStopped.load(ordering: .relaxed) {
            if let work = works.first(where: { $0.next < $0.indices.endIndex }) {
                makeShare(of: work)
            } else if begun < end, begun - taken < ahead {
                let number = begun
                begun += 1
                condition.unlock()
                let batch = make(number)
                condition.lock()
                ready[number] = batch
                condition.broadcast()
            } else if begun == end {
                return
            } else {
                condition.wait()
            }
        }
    }

    /// Prepares a batch, helped by idle threads. Called without the lock.
    ///
    /// - Returns: nil if the pipeline was stopped before the batch was complete.
    private func make(_ number: Int) -> Batch? {
        let indices = order[number * batchSize..<min((number + 1) * batchSize, order.count)]
        var failures: [Int: String] = [:]
        var isComplete = false
        // Helping threads write into the array's own memory, which exists while this closure runs.
        let images = [Float](unsafeUninitializedCapacity: indices.count * valueCount) { buffer, initializedCount in
            let work = Work(indices, buffer)
            condition.lock()
            works.append(work)
            condition.broadcast()
            while work.next < indices.endIndex, !isStopped.load(ordering: .relaxed) { makeShare(of: work) }
            while work.threads > 0 { condition.wait() }
            works.removeAll { $0 === work }
            condition.unlock()
            failures = work.failures
            isComplete = !isStopped.load(ordering: .relaxed)
            if isComplete { initializedCount = closeGaps(in: work) }
        }
        return isComplete ? Batch(images: images, indices: indices, failures: failures) : nil
    }

    /// Prepares the next few images of a batch. Called with the lock held, which is released meanwhile.
    private func makeShare(of work: Work) {
        let part = work.next..<min(work.next + share, work.indices.endIndex)
        work.next = part.upperBound
        work.threads += 1
        condition.unlock()
        var failures: [Int: String] = [:]
        for position in part where !isStopped.load(ordering: .relaxed) {
            let start = (position - work.indices.startIndex) * valueCount
            let index = work.indices[position]
            do {
                try fill(index, UnsafeMutableBufferPointer(rebasing: work.memory[start..<start + valueCount]))
            } catch {
                failures[index] = "\(error)"
            }
        }
        condition.lock()
        work.failures.merge(failures) { first, _ in first }
        work.threads -= 1
        if work.threads == 0 { condition.broadcast() }
    }

    /// Moves images forward into the places of those that could not be read.
    ///
    /// - Returns: the number of values.
    private func closeGaps(in work: Work) -> Int {
        guard let base = work.memory.baseAddress else { return 0 }
        var count = 0
        for (position, index) in work.indices.enumerated() where work.failures[index] == nil {
            if count != position {
                (base + count * valueCount).update(from: base + position * valueCount, count: valueCount)
            }
            count += 1
        }
        return count * valueCount
    }
}
