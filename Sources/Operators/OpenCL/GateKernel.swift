import Kernels

/// How a chain of gates is computed: how many work-items share an image, and where they keep its pooled features.
struct GateKernel {
    let settings: GateSettings
    let traits: DeviceTraits
    let groupSize: Int
    /// Otherwise features are kept in global memory, by a group of one.
    let usesLocalMemory: Bool

    init(_ settings: GateSettings, _ traits: DeviceTraits) {
        let (channels, hidden) = (settings.features.paddedChannels, ChannelBlock.padded(settings.hidden))
        // Pooled features, a partial sum of the hidden units for each work-item, and a logit.
        func localBytes(_ group: Int) -> Int { (channels + group * hidden + 1) * MemoryLayout<Float>.stride }
        var group = traits.groupSize
        while group > 1, localBytes(group) > traits.localMemory { group /= 2 }
        self.settings = settings
        self.traits = traits
        groupSize = group
        usesLocalMemory = localBytes(group) <= traits.localMemory
    }

    var program: ProgramDescriptor {
        ProgramDescriptor(
            .gate, traits,
            [
                "HIDDEN": ChannelBlock.padded(settings.hidden),
                "GROUP_SIZE": groupSize, "LOCAL_FEATURES": usesLocalMemory ? 1 : 0,
            ])
    }
}
