import ConvNetAIG

/// What `aig profile` says. Times are in seconds.
struct ProfileReport: Encodable {
    struct Section: Encodable {
        let name: String
        /// Who looked at the gate's decision; nil without a gate.
        let decidedBy: Scheduling?
        /// For which the section ran.
        let images: Int
        let launches: Int
        let kernelSeconds: Double
        /// The gate's part of `kernelSeconds`.
        let gateSeconds: Double
        let transferSeconds: Double
        let gapSeconds: Double
        let hostWaitSeconds: Double
        let hostCallSeconds: Double
        let macs: Int
        /// 2 operations per MAC.
        let gflops: Double
        /// Of the wall time.
        let share: Double
        /// Where they were asked for.
        let operators: [Operator]?
    }

    struct Operator: Encodable {
        let title: String
        let launchedImages: Int
        let images: Int
        let macs: Int
        let gflops: Double
        let commands: [Recording.Command]
    }

    struct Costs: Encodable {
        let launchSeconds: Double
        let idleGroupSeconds: Double
        let readSeconds: Double
    }

    struct WallTimes: Encodable {
        let median: Double
        let min: Double
        let max: Double
        let repeats: Int
    }

    let architecture: String
    let device: String
    let policy: String
    let schedule: Scheduling
    /// What the automatic schedule weighed, where it did.
    let schedulingCosts: Costs?
    let batch: Int
    /// Of all runs; everything else is of the run of median time.
    let wallSeconds: WallTimes
    let launches: Int
    let kernelSeconds: Double
    let transferSeconds: Double
    let gapSeconds: Double
    /// Before the device's first command and after its last.
    let outsideSeconds: Double
    let hostWaitSeconds: Double
    let hostCallSeconds: Double
    /// Of the host, between its calls.
    let hostOtherSeconds: Double
    let macs: Int
    let denseMacs: Int
    let gflops: Double
    let sections: [Section]

    /// - Parameters:
    ///   - wallTimes: of all runs, in seconds.
    ///   - kernels: whether to list every command.
    init(
        _ profile: Profile, _ architecture: Architecture, policy: GatePolicy, wallTimes: [Double], kernels: Bool
    ) {
        self.architecture = architecture.name
        device = profile.deviceName
        self.policy = policy.description
        schedule = profile.scheduling
        schedulingCosts = profile.costs.map {
            Costs(launchSeconds: $0.launch, idleGroupSeconds: $0.idleGroup, readSeconds: $0.read)
        }
        batch = profile.images
        wallSeconds = WallTimes(
            median: profile.wallTime, min: wallTimes.min() ?? profile.wallTime,
            max: wallTimes.max() ?? profile.wallTime, repeats: wallTimes.count)
        launches = profile.launches
        kernelSeconds = profile.kernelTime
        transferSeconds = profile.transferTime
        gapSeconds = profile.gapTime
        outsideSeconds = profile.outsideTime
        hostWaitSeconds = profile.waitTime
        hostCallSeconds = profile.callTime
        hostOtherSeconds = profile.hostTime
        macs = profile.macs
        denseMacs = profile.denseMACs
        gflops = Self.gflops(profile)
        sections = profile.sections.map { section in
            Section(
                name: section.name, decidedBy: section.decider, images: section.images, launches: section.launches,
                kernelSeconds: section.kernelTime, gateSeconds: section.gateTime,
                transferSeconds: section.transferTime, gapSeconds: section.gapTime,
                hostWaitSeconds: section.waitTime, hostCallSeconds: section.callTime, macs: section.macs,
                gflops: Self.gflops(section), share: section.deviceTime / profile.wallTime,
                operators: kernels ? section.operators.map(Operator.init) : nil)
        }
    }

    fileprivate static func gflops(_ times: some ProfileTimes) -> Double { 2e-9 * times.macsPerSecond }
}

extension ProfileReport.Operator {
    init(_ profiled: Profile.Operator) {
        title = profiled.title
        launchedImages = profiled.launchedImages
        images = profiled.images
        macs = profiled.macs
        gflops = ProfileReport.gflops(profiled)
        commands = profiled.commands
    }
}
