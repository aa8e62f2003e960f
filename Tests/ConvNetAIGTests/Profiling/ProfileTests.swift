import Foundation
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

/// A profile leaves nothing out, counts nothing twice, and adds up.
@Suite struct ProfileTests {
    private static let images = 3

    private static func session(
        _ name: String = "convnet-aig-cifar-8", scheduling: Scheduling = .automatic, profiling: Bool = true
    ) throws -> Session {
        try Session(
            weights: .random(for: SchedulingTests.architecture(name), seed: 1), backend: TestBackend.openCL.choice,
            batch: images, scheduling: scheduling, profiling: profiling)
    }

    @Test(arguments: ["convnet-aig-cifar-8", "resnet-cifar-8", "aig-bottleneck-mini.json"], Scheduling.allCases)
    func everyLaunchAndEveryMACIsCountedOnce(_ name: String, _ scheduling: Scheduling) throws {
        let session = try Self.session(name, scheduling: scheduling)
        let architecture = session.architecture
        let input = try SchedulingTests.input(architecture, images: Self.images)
        let gates = architecture.gatedBlocks.count
        for policy in [GatePolicy.rate([0.5], seed: 9), .rate([0], seed: 1), .always] {
            let expected = try session.run(input, policy: policy)
            let before = session.kernelLaunches
            let profile = try session.profile(input, policy: policy)
            #expect(profile.launches == session.kernelLaunches - before)
            #expect(profile.launches == profile.sections.reduce(0) { $0 + $1.launches })
            #expect(profile.output == expected)
            #expect(profile.images == Self.images)

            let cost = session.cost
            let open = (0..<Self.images).map { profile.output.gates(of: $0) }
            #expect(
                profile.macs
                    == open.reduce(0) { $0 + cost.executedMACs(open: $1, gatesEvaluated: policy.asksGates) })
            #expect(profile.denseMACs == cost.macs * Self.images)
            var gate = 0
            for (index, block) in architecture.blocks.enumerated() {
                let section = try #require(profile.sections.first { $0.block == index })
                let running = block.isGated ? open.count { $0[gate] } : Self.images
                let costs = cost.blocks[index]
                #expect(section.name == block.name)
                #expect(section.images == running)
                #expect(
                    section.macs == running * costs.branch.macs
                        + Self.images * (costs.shortcut.macs + (policy.asksGates ? costs.gate.macs : 0)))
                #expect((section.decider != nil) == block.isGated)
                if scheduling != .automatic, block.isGated { #expect(section.decider == scheduling) }
                if block.isGated { gate += 1 }
            }
            #expect(gate == gates)
            let names = profile.sections.map(\.name)
            #expect(names.first == "input" && names.last == "output")
            #expect(names.contains("stem") && names.contains("classifier"))
            #expect(names.contains("pooling") == architecture.stem.maxPooling)
        }
    }

    @Test(arguments: [Scheduling.host, .device])
    func timesAreInOrderAndAddUp(_ scheduling: Scheduling) throws {
        let session = try Self.session(scheduling: scheduling)
        let input = try SchedulingTests.input(session.architecture, images: Self.images)
        let profile = try session.profile(input, policy: .rate([0.5], seed: 2))

        let commands = profile.operators.flatMap(\.commands)
        #expect(commands.count { $0.isKernel } == profile.launches)
        for (command, next) in zip(commands, commands.dropFirst()) {
            #expect(command.end >= command.start && command.gap >= 0)
            #expect(next.start >= command.end)
            #expect(abs(next.gap - (next.start - command.end)) < 1e-9)
        }
        let calls = profile.operators.flatMap(\.calls)
        for call in calls { #expect(call.end >= call.start && call.start >= 0 && call.end <= profile.wallTime) }
        for (call, next) in zip(calls, calls.dropFirst()) { #expect(next.start >= call.end) }
        // Every command has a call of its own; the others wait for one.
        #expect(calls.count { $0.name != "wait" } == commands.count)
        #expect(calls.allSatisfy { $0.isWaiting || $0.name != "wait" })
        #expect(calls.contains { $0.isWaiting && $0.name == "read" })
        #expect(
            commands.allSatisfy { $0.isKernel == !$0.globalSize.isEmpty && $0.isKernel == ($0.byteCount == 0) })

        let device = profile.kernelTime + profile.transferTime + profile.gapTime + profile.outsideTime
        let host = profile.waitTime + profile.callTime + profile.hostTime
        #expect(profile.kernelTime > 0 && profile.wallTime > 0)
        #expect(abs(device - profile.wallTime) < 1e-6)
        #expect(abs(host - profile.wallTime) < 1e-6)
        #expect(profile.macsPerSecond == Double(profile.macs) / profile.kernelTime)
        #expect(abs(profile.sections.reduce(0) { $0 + $1.deviceTime } + profile.outsideTime - device) < 1e-9)
        // Only the host reads decisions before the logits.
        let reads = profile.sections.filter { $0.block != nil }.reduce(0) { $0 + $1.waitTime }
        #expect((reads > 0) == (scheduling == .host))
    }

    @Test func traceIsJSONWithEveryEvent() throws {
        struct Trace: Decodable {
            struct Event: Decodable {
                let name: String
                let cat: String?
                let ph: String
                let ts: Double?
                let dur: Double?
                let pid: Int
                let tid: Int
                let args: [String: String]
            }
            let traceEvents: [Event]
            let displayTimeUnit: String
        }
        let session = try Self.session()
        let input = try SchedulingTests.input(session.architecture, images: 1)
        let profile = try session.profile(input, policy: .rate([0.5], seed: 2))
        let trace = try JSONDecoder().decode(Trace.self, from: Data(profile.chromeTrace()))
        #expect(trace.displayTimeUnit == "ms")
        let slices = trace.traceEvents.filter { $0.ph == "X" }
        #expect(slices.count { $0.cat == "kernel" } == profile.launches)
        #expect(
            slices.count { $0.cat == "call" || $0.cat == "wait" } == profile.operators.reduce(0) { $0 + $1.calls.count }
        )
        #expect(Set(slices.filter { $0.cat == "section" }.map(\.name)).isSuperset(of: ["stem", "classifier"]))
        for slice in slices {
            #expect(try #require(slice.ts).isFinite)
            #expect(try #require(slice.dur) >= 0)
        }
        let rows = trace.traceEvents.filter { $0.ph == "M" && $0.name == "thread_name" }
        #expect(Set(rows.compactMap { $0.args["name"] }) == ["network", "device", "host"])
        #expect(Set(slices.map(\.tid)) == Set(rows.map(\.tid)))
    }

    @Test func medianIsARunOfMedianWallTime() throws {
        let session = try Self.session()
        let input = try SchedulingTests.input(session.architecture, images: 1)
        let profiles = try (0..<4).map { _ in try session.profile(input, policy: .always) }
        let times = profiles.map(\.wallTime).sorted()
        #expect(Profile.median(profiles)?.wallTime == times[1])
        #expect(Profile.median(Array(profiles.prefix(1)))?.wallTime == profiles[0].wallTime)
        #expect(Profile.median([]) == nil)
    }

    @Test func profilesNeedASessionThatKeepsTimes() throws {
        let weights = Weights.random(for: try SchedulingTests.architecture("convnet-aig-cifar-8"), seed: 1)
        let error = #expect(throws: BackendError.self) {
            try Session(weights: weights, backend: .reference, profiling: true)
        }
        #expect(error == .noProfile(device: "CPU reference"))
        #expect(error?.description.contains("OpenCL") == true)
        let session = try Self.session(profiling: false)
        let input = try SchedulingTests.input(session.architecture, images: 1)
        #expect(throws: BackendError.noProfile(device: session.deviceName)) { try session.profile(input) }
        // The session is as good as before.
        #expect(try session.run(input).images == 1)
    }

    @Test func profilesAreOfOneBatch() throws {
        let session = try Self.session()
        let architecture = session.architecture
        let tooMany = try SchedulingTests.input(architecture, images: Self.images + 1)
        #expect(throws: SessionError.notOneBatch(images: Self.images + 1, batch: Self.images)) {
            try session.profile(tooMany)
        }
        #expect(throws: SessionError.self) { try session.profile(Tensor(shape: [1, 3, 8, 8], repeating: 0)) }
        var values = try SchedulingTests.input(architecture, images: 1).values
        values[5] = .nan
        let broken = try Tensor(shape: [1, 3, 32, 32], values: values)
        #expect(throws: SessionError.nonFiniteInput(image: 4)) { try session.profile(broken, firstImage: 4) }
    }
}
