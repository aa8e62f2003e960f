/// Why images cannot be attacked.
public enum AttackError: Error, Sendable, Hashable, CustomStringConvertible {
    case epsilon(Float)
    case stepSize(Float)
    case steps(Int)
    case inputShape(found: [Int], expected: [Int])
    case labels(found: Int, images: Int)
    case label(found: Int, classes: Int)
    /// An image has a value that is infinite or NaN. `image` is as below.
    case imageNotFinite(image: Int)
    /// The gradient of the loss with respect to an image is infinite or NaN somewhere, and shows no way to go. `image` is the
    /// image's number in the caller's counting.
    case gradientNotFinite(image: Int)

    public var description: String {
        switch self {
        case .epsilon(let value):
            "the attack's epsilon is \(value); give a value from 0 to 1, where white is 1"
        case .stepSize(let value):
            "the attack's step size is \(value); give a value from 0 to 1, where white is 1"
        case .steps(let count):
            "the attack has \(count) steps; give 1 or more"
        case .inputShape(let found, let expected):
            "the pictures have the shape \(found), but the network takes images x \(expected)"
        case .labels(let found, let images):
            "there are \(found) labels for \(images) pictures; give each its right class"
        case .label(let found, let classes):
            "a picture has label \(found), but the network's classes are 0 to \(classes - 1)"
        case .imageNotFinite(let image):
            "picture \(image) has values that are infinite or NaN; look at how it was read and normalised"
        case .gradientNotFinite(let image):
            "the gradient of picture \(image) is infinite or NaN, so there is no direction to change it in; look whether the "
                + "picture is normalised as the network's are, and whether the network gives finite logits for it"
        }
    }
}
