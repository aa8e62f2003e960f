import ConvNetAIG
import Foundation
import Synchronization
import Terminal

/// A line on standard error while a driver compiles kernels, if that takes long and standard error is a terminal.
final class BuildProgress: Sendable {
    private struct State {
        /// Counts the builds, so that what is left of an earlier one shows nothing.
        var build = 0
        var isBuilding = false
        var isShowing = false
    }

    private let device: String
    private let state = Mutex(State())

    private static let eraseLine = "\r\u{1B}[K"

    /// - Parameter device: whose driver it is.
    init(device: String) {
        self.device = device
    }

    func show(_ event: ProgramBuildEvent) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        switch event {
        case .began:
            let build = state.withLock { state in
                state.build += 1
                state.isBuilding = true
                return state.build
            }
            // The thread that builds waits for the driver.
            Task.detached { await self.count(build) }
        case .ended:
            state.withLock { state in
                if state.isShowing { Console.writeError(Self.eraseLine) }
                state.isBuilding = false
                state.isShowing = false
            }
        }
    }

    /// Shows the seconds of a build until it ends.
    private func count(_ build: Int) async {
        var seconds = 0
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            seconds += 1
            let isBuilding = state.withLock { state in
                guard state.isBuilding, state.build == build else { return false }
                Console.writeError("\(Self.eraseLine)Compiling kernels for \(device): \(seconds) s")
                state.isShowing = true
                return true
            }
            guard isBuilding else { return }
        }
    }
}
