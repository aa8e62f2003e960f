import Foundation

/// A report within a page that measures it: at any width, however wide the browser's own window has to be.
struct PageProbe {
    /// What is wrong with the layout, and what was looked at.
    struct Result: Codable, Equatable {
        var innerWidth: Int
        var scrollWidth: Int
        var height: Int
        var isDark: Bool
        /// Texts of charts that were visible.
        var texts: Int
        var charts: Int
        /// Texts outside their charts.
        var clipped: [String]
        /// Pairs of texts on top of each other.
        var overlapping: [String]
        /// Elements that stick out of the page.
        var sticking: [String]
    }

    private static let script = """
        window.onload = () => {
          const clipped = [], overlapping = [], sticking = []; let texts = 0, charts = 0;
          document.querySelectorAll('details').forEach(d => d.open = true);
          for (const svg of document.querySelectorAll('svg')) {
            const frame = svg.getBoundingClientRect();
            if (frame.width === 0) continue;
            charts++;
            const boxes = [...svg.querySelectorAll('text')].map(t => {
              const name = [...t.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent).join('');
              return [name, t.getBoundingClientRect()];
            });
            texts += boxes.length;
            boxes.forEach(([name, box], index) => {
              const where = name + ' in ' + svg.getAttribute('aria-label').slice(0, 40);
              if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
                || box.bottom > frame.bottom + 1) clipped.push(where);
              for (const [other, second] of boxes.slice(index + 1)) {
                const x = Math.min(box.right, second.right) - Math.max(box.left, second.left);
                const y = Math.min(box.bottom, second.bottom) - Math.max(box.top, second.top);
                // Boxes of texts include the room for letters that reach below the line.
                if (x > 1 && y > 4) overlapping.push(other + ' on ' + where);
              }
            });
          }
          const root = document.documentElement;
          for (const element of document.body.querySelectorAll('*')) {
            if (element.parentElement.closest('.scroll')) continue;
            const box = element.getBoundingClientRect();
            if (box.width > 0 && (box.right > innerWidth + 0.5 || box.left < -0.5))
              sticking.push(element.tagName + '.' + element.getAttribute('class'));
          }
          const result = JSON.stringify({innerWidth, scrollWidth: root.scrollWidth, height: root.scrollHeight,
            isDark: matchMedia('(prefers-color-scheme: dark)').matches, texts, charts, clipped, overlapping, sticking});
          document.querySelectorAll('details').forEach(d => d.open = false);
          parent.postMessage(result, '*');
        };
        """

    private let folder: String
    private let name: String

    /// - Parameter folder: where the page's files go.
    init(_ html: String, name: String, in folder: String) throws {
        self.folder = folder
        self.name = name
        let page = html.replacingOccurrences(of: "</body>", with: "<script>\(Self.script)</script></body>")
        try page.write(toFile: folder + "/\(name).html", atomically: true, encoding: .utf8)
    }

    func measure(_ browser: Browser, width: Int, dark: Bool) throws -> Result {
        let frame = try wrapper(width: width, height: 900)
        let tree = try browser.tree(of: frame, width: max(width, 600), height: 1000, dark: dark)
        guard let start = tree.range(of: "<pre id=\"result\">"), let end = tree.range(of: "</pre>") else {
            throw Browser.Failure(description: "no result in \(tree.prefix(500))")
        }
        let text = tree[start.upperBound..<end.lowerBound].replacingOccurrences(of: "&lt;", with: "<")
            .replacingOccurrences(of: "&gt;", with: ">").replacingOccurrences(of: "&amp;", with: "&")
        return try JSONDecoder().decode(Result.self, from: Data(text.utf8))
    }

    /// An image of the page as far down as it goes, or as an image may be.
    func screenshot(_ browser: Browser, width: Int, height: Int, dark: Bool, to path: String) throws {
        let height = min(height, 16_000)
        let frame = try wrapper(width: width, height: height)
        try browser.screenshot(of: frame, width: width, height: height, dark: dark, to: path)
    }

    private func wrapper(width: Int, height: Int) throws -> String {
        let path = folder + "/\(name)-\(width).html"
        let html = """
            <!DOCTYPE html><meta charset="utf-8"><style>html{color-scheme:light dark}body{margin:0}\
            iframe{border:0;display:block;width:\(width)px;height:\(height)px}</style>
            <iframe src="\(name).html"></iframe><pre id="result"></pre>
            <script>onmessage = e => document.getElementById('result').textContent = e.data;</script>
            """
        try html.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}
