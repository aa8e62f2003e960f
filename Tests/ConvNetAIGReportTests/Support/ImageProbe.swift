import Foundation

/// What a PNG file shows, as the browser decodes it.
enum ImageProbe {
    struct Colors: Codable {
        var distinct: Int
        /// Red, green and blue, eight bits each.
        var commonest: Int
    }

    private static let script = """
        const picture = document.querySelector('img');
        picture.onload = () => {
          const canvas = document.createElement('canvas');
          canvas.width = picture.naturalWidth; canvas.height = Math.min(picture.naturalHeight, 2000);
          const context = canvas.getContext('2d');
          context.drawImage(picture, 0, 0);
          const data = context.getImageData(0, 0, canvas.width, canvas.height).data, counts = new Map();
          for (let i = 0; i < data.length; i += 4) {
            const color = data[i] << 16 | data[i + 1] << 8 | data[i + 2];
            counts.set(color, (counts.get(color) || 0) + 1);
          }
          const commonest = [...counts].reduce((a, b) => b[1] > a[1] ? b : a)[0];
          document.querySelector('pre').textContent = JSON.stringify({distinct: counts.size, commonest});
          picture.remove();
        };
        """

    /// - Parameter folder: where the page goes that looks at the image.
    static func colors(of path: String, _ browser: Browser, in folder: String) throws -> Colors {
        let data = try Data(contentsOf: URL(fileURLWithPath: path)).base64EncodedString()
        let page = folder + "/picture.html"
        // An image from a file would be none that scripts may look into.
        let html =
            "<!DOCTYPE html><pre></pre><img><script>\(script)picture.src='data:image/png;base64,\(data)';</script>"
        try html.write(toFile: page, atomically: true, encoding: .utf8)
        let tree = try browser.tree(of: page, width: 600, height: 600, dark: false)
        guard let start = tree.range(of: "<pre>"), let end = tree.range(of: "</pre>") else {
            throw Browser.Failure(description: "no colours in \(tree.prefix(200))")
        }
        return try JSONDecoder().decode(Colors.self, from: Data(tree[start.upperBound..<end.lowerBound].utf8))
    }
}
