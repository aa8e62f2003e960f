extension Device {
    /// The environment variable that names the device if a program doesn't.
    public static let environmentVariable = "AIG_DEVICE"

    /// Chooses a device.
    ///
    /// - Parameter request: The device's index in ``all()``, or a part of its name or of its platform's
    ///   name, in upper or lower case; if several devices match, the first is taken. A number beyond the
    ///   list is looked for as a whole word of the names. Without a request (nil or blank) the environment
    ///   variable `AIG_DEVICE` stands in for it, and if that is blank too, the first GPU is taken, else the
    ///   first accelerator, else the first CPU, else the first device. Devices that are available go before
    ///   ones that aren't.
    ///   A driver that fails is passed over; ``discover()`` tells of it.
    /// - Throws: ``DeviceSelectionError``, if there is no such device; ``OpenCLError``, if the ICD loader fails.
    public static func select(_ request: String? = nil) throws -> Device {
        try discover().select(request)
    }
}
