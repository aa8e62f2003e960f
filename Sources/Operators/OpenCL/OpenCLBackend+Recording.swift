import OpenCL

extension OpenCLBackend {
    package func enter(_ part: NetworkPart, images: Int) {
        recorder?.enter(part, images: images, at: queue.loggedCount)
    }

    package func startRecording() throws {
        guard queue.isProfiling else { throw BackendError.noProfile(device: deviceName) }
        // What is still under way is of no batch.
        try queue.finish()
        try queue.startLogging()
        recorder = CommandRecorder()
    }

    package func finishRecording() throws -> Recording {
        let end = ContinuousClock.now
        let log = queue.finishLogging()
        guard let recorder else { throw BackendError.noProfile(device: deviceName) }
        self.recorder = nil
        // The last read has waited for everything before it; drivers may note the times a little later.
        try queue.finish()
        return try recorder.recording(log, until: end)
    }
}
