/// Where the samples of one image go: the size it is scaled to, the part of that which is kept, and where
/// that part lies in the output.
struct PreprocessingPlan {
    /// The size of the whole image after resizing. It may be huge: only the kept part is ever computed.
    let resized: Preprocessing.Size

    /// The size of the output.
    let output: Preprocessing.Size

    /// The columns and rows of the resized image that are kept.
    let columns: Range<Int>
    let rows: Range<Int>

    /// The place of the kept part in the output; what surrounds it is black.
    let left: Int
    let top: Int

    init(resize: Preprocessing.Resize, crop: Preprocessing.Size?, width: Int, height: Int) {
        switch resize {
        case .none:
            resized = .init(width: width, height: height)
        case .exact(let newWidth, let newHeight):
            resized = .init(width: newWidth, height: newHeight)
        case .shorterSide(let size):
            let longer = PreprocessingPlan.longerSide(
                size, longer: max(width, height), shorter: min(width, height))
            resized =
                width <= height ? .init(width: size, height: longer) : .init(width: longer, height: size)
        }
        output = crop ?? resized
        (columns, left) = PreprocessingPlan.center(output.width, in: resized.width)
        (rows, top) = PreprocessingPlan.center(output.height, in: resized.height)
    }

    /// The longer side by torchvision's `int(size * long / short)`: one division in double precision.
    private static func longerSide(_ size: Int, longer: Int, shorter: Int) -> Int {
        Int(Double(size * longer) / Double(shorter))
    }

    /// What `torchvision.transforms.CenterCrop` keeps of `length` samples, and its place among `wanted` ones.
    private static func center(_ wanted: Int, in length: Int) -> (kept: Range<Int>, place: Int) {
        guard wanted <= length else {
            return (0..<length, (wanted - length) / 2)
        }
        // Python's round(excess / 2.0): halves go to the even neighbour.
        let excess = length - wanted
        let half = excess / 2
        let start = excess % 2 == 1 && half % 2 == 1 ? half + 1 : half
        return (start..<(start + wanted), 0)
    }
}
