/// The rules of ``Device/select(_:)``, over a plain list, so that they can be tested without drivers.
struct DeviceSelection {
    /// What the rules look at in a device.
    struct Candidate {
        let name: String
        let platformName: String
        let type: DeviceType
        let isAvailable: Bool
    }

    let candidates: [Candidate]
    /// What was left out of the candidates: it may be what was meant.
    var problems: [DriverProblem] = []

    /// The index of the device that the request, or else the environment variable, asks for.
    ///
    /// - Throws: ``DeviceSelectionError``.
    func index(request: String?, environment: String?) throws(DeviceSelectionError) -> Int {
        guard !candidates.isEmpty else { throw .noPlatform }
        guard let wanted = nonblank(request) ?? nonblank(environment) else { return preferred() }

        let number = Int(wanted)
        if let number, candidates.indices.contains(number) { return number }

        let needle = wanted.lowercased()
        let matches = candidates.indices.filter { index in
            [candidates[index].name, candidates[index].platformName].map { $0.lowercased() }.contains {
                // A number beyond the list may be a model's ("4090"), but "4" is no request for that one.
                number == nil
                    ? $0.contains(needle)
                    : $0.split { !$0.isLetter && !$0.isNumber }.contains { $0 == needle }
            }
        }
        if let match = matches.first(where: { candidates[$0].isAvailable }) ?? matches.first { return match }
        if let number { throw .indexOutOfRange(index: number, available: listing, problems: problems) }
        throw .noMatch(request: wanted, available: listing, problems: problems)
    }

    /// The first device of the best type, among those that are available if any is.
    private func preferred() -> Int {
        let available = candidates.indices.filter { candidates[$0].isAvailable }
        let pool = available.isEmpty ? Array(candidates.indices) : available
        for type in [DeviceType.gpu, .accelerator, .cpu] {
            if let index = pool.first(where: { candidates[$0].type == type }) { return index }
        }
        return pool.first ?? 0
    }

    private var listing: [String] {
        candidates.map { "\($0.name) (\($0.platformName))" }
    }

    private func nonblank(_ text: String?) -> String? {
        guard let text, let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return nil }
        return String(text[first...last])
    }
}

extension DeviceSelection.Candidate {
    init(device: Device) {
        self.init(
            name: device.name, platformName: device.platformName, type: device.type,
            isAvailable: device.isAvailable)
    }
}
