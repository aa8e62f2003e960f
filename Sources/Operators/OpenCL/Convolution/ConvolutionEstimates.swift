extension DeviceTraits {
    /// Estimates of the launches that compute a convolution with what is taken to be best where nothing was measured.
    ///
    /// - Parameter images: of a launch.
    /// - Returns: none where that is no implicit GEMM, as on CPUs.
    package func estimates(of settings: FusedConvolutionSettings, images: Int) -> [LaunchEstimate] {
        guard case .implicitGEMM(let tile) = ConvolutionAlgorithm.standard(settings, self, images: images) else {
            return []
        }
        return ImplicitGEMM(problem: ImplicitGEMMProblem(settings), traits: self, tile: tile)
            .estimates(images: images)
    }

    /// Estimates of the launches that compute the gradient of a convolution with respect to its input.
    ///
    /// - Parameter images: of a launch.
    /// - Returns: none where that is no implicit GEMM, as on CPUs.
    package func estimates(ofInputGradient convolution: ConvolutionSettings, images: Int) -> [LaunchEstimate] {
        if let transposed = InputGradient.unitStrideConvolution(convolution) {
            return estimates(of: FusedConvolutionSettings(transposed), images: images)
        }
        return InputGradient.products(convolution, self, images: images)?.storing.estimates(images: images) ?? []
    }
}
