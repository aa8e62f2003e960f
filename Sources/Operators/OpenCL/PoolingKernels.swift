import Kernels

// Programs of the operators between convolutions, forward and backward.

extension PoolingSettings {
    /// `max_pool` and `sum_rows` of Pooling.cl.
    func program(_ traits: DeviceTraits) -> ProgramDescriptor {
        ProgramDescriptor(
            .pooling, traits,
            [
                "CHANNELS": input.paddedChannels, "INPUT_HEIGHT": input.height, "INPUT_WIDTH": input.width,
                "INPUT_HALO": ChannelBlock.halo, "OUTPUT_HEIGHT": output.height, "OUTPUT_WIDTH": output.width,
                "OUTPUT_HALO": ChannelBlock.halo, "KERNEL": kernel, "STRIDE": stride, "PADDING": padding,
                "ROW_SUMS": sumsRows ? 1 : 0,
            ])
    }

    /// `backward_max_pool` and `mean_of_rows` of TrainingPooling.cl.
    /// - Parameter pooled: whether there is a gradient with respect to the pooled output.
    func gradientProgram(pooled: Bool, _ traits: DeviceTraits) -> ProgramDescriptor {
        ProgramDescriptor(
            .trainingPooling, traits,
            [
                "CHANNELS": input.paddedChannels, "INPUT_HEIGHT": input.height, "INPUT_WIDTH": input.width,
                "OUTPUT_HEIGHT": output.height, "OUTPUT_WIDTH": output.width, "KERNEL": kernel, "STRIDE": stride,
                "PADDING": padding, "POOLED": pooled ? 1 : 0, "FIRST_CHANNEL": -1,
            ])
    }
}

extension ZeroPaddedShortcutSettings {
    /// `zero_padded_shortcut` of Shortcut.cl.
    func program(_ traits: DeviceTraits) -> ProgramDescriptor {
        ProgramDescriptor(
            .shortcut, traits,
            [
                "INPUT_CHANNELS": input.paddedChannels, "USED_CHANNELS": input.channels,
                "OUTPUT_CHANNELS": output.paddedChannels, "FIRST_CHANNEL": firstChannel,
                "INPUT_HEIGHT": input.height, "INPUT_WIDTH": input.width, "INPUT_HALO": ChannelBlock.halo,
                "OUTPUT_HEIGHT": output.height, "OUTPUT_WIDTH": output.width, "OUTPUT_HALO": ChannelBlock.halo,
                "STRIDE": stride, "ROW_SUMS": sumsRows ? 1 : 0,
            ])
    }

    /// `backward_zero_padded_shortcut` of TrainingPooling.cl.
    func gradientProgram(_ traits: DeviceTraits) -> ProgramDescriptor {
        ProgramDescriptor(
            .trainingPooling, traits,
            [
                "CHANNELS": input.paddedChannels, "INPUT_HEIGHT": input.height, "INPUT_WIDTH": input.width,
                "OUTPUT_HEIGHT": output.height, "OUTPUT_WIDTH": output.width, "KERNEL": 1, "STRIDE": stride,
                "PADDING": 0, "POOLED": 0, "OUTPUT_CHANNELS": output.paddedChannels, "FIRST_CHANNEL": firstChannel,
                "USED_CHANNELS": input.channels,
            ])
    }
}
