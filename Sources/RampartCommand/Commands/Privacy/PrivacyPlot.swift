internal import CommandLineTools
internal import Foundation

/// Lines over an axis, as characters for a terminal and as SVG.
struct PrivacyPlot {
  /// A line.
  struct Series {
    var label: String
    /// Points in increasing x; what is not finite is left out.
    var points: [(x: Double, y: Double)]
  }

  /// An axis.
  struct Axis {
    var label: String
    var isLogarithmic = false

    func place(_ value: Double) -> Double { isLogarithmic ? log10(value) : value }
    func value(_ place: Double) -> Double { isLogarithmic ? pow(10, place) : place }
  }

  var title: String
  var x: Axis
  var y: Axis
  var series: [Series]
  /// Whether SVG shows a dot at each point.
  var hasDots = false

  private static let marks: [Character] = ["●", "×", "+", "○", "△", "□", "◇", "*"]

  /// The points that can be drawn.
  private func drawable(_ series: Series) -> [(x: Double, y: Double)] {
    series.points.filter { point in
      point.x.isFinite && point.y.isFinite && (!x.isLogarithmic || point.x > 0)
        && (!y.isLogarithmic || point.y > 0)
    }.map { (x.place($0.x), y.place($0.y)) }
  }

  private struct Frame {
    var left: Double
    var right: Double
    var bottom: Double
    var top: Double
  }

  /// What is shown: linear axes of y begin at 0.
  private var frame: Frame? {
    let points = series.flatMap(drawable)
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max(),
      let low = points.map(\.y).min(), let high = points.map(\.y).max()
    else { return nil }
    let bottom = y.isLogarithmic ? low : min(0, low)
    return Frame(
      left: left, right: right > left ? right : left + 1, bottom: bottom,
      top: high > bottom ? high : bottom + 1)
  }

  /// The frame of a drawing: logarithmic axes, which have no natural end, are a little longer than
  /// what is on them.
  private var paddedFrame: Frame {
    guard var frame else { return Frame(left: 0, right: 1, bottom: 0, top: 1) }
    if x.isLogarithmic {
      let margin = 0.03 * (frame.right - frame.left)
      (frame.left, frame.right) = (frame.left - margin, frame.right + margin)
    }
    if y.isLogarithmic {
      let margin = 0.05 * (frame.top - frame.bottom)
      (frame.bottom, frame.top) = (frame.bottom - margin, frame.top + margin)
    }
    return frame
  }

  /// The plot in characters; empty where there is nothing to draw.
  func text(width: Int, height: Int = 13) -> [String] {
    guard let frame else { return [] }
    let ticks = (0..<height).map { row in
      let share = Double(height - 1 - row) / Double(height - 1)
      return row % 4 == 0 || row == height - 1
        ? Words.nearest(y.value(frame.bottom + share * (frame.top - frame.bottom)), digits: 3) : ""
    }
    let margin = ticks.map(\.displayWidth).max() ?? 0
    let columns = max(20, min(width - margin - 3, 72))
    var cells = [[Character]](repeating: [Character](repeating: " ", count: columns), count: height)
    for (index, one) in series.enumerated() {
      let mark = Self.marks[index % Self.marks.count]
      let points = drawable(one)
      // Between points a line, so that few of them are still a curve.
      for column in 0..<columns {
        let place =
          frame.left + (frame.right - frame.left) * Double(column) / Double(columns - 1)
        guard let height = Self.interpolate(points, at: place) else { continue }
        let share = (height - frame.bottom) / (frame.top - frame.bottom)
        let row = Int(((1 - share) * Double(cells.count - 1)).rounded())
        if cells.indices.contains(row), cells[row][column] == " " {
          cells[row][column] = series.count == 1 ? "●" : mark
        }
      }
    }
    var lines = ["\(y.label)"]
    for (row, cells) in cells.enumerated() {
      let body = String(cells.reversed().drop { $0 == " " }.reversed())
      lines.append(
        ticks[row].padded(to: margin, .right) + (ticks[row].isEmpty ? " │" : " ┤") + body)
    }
    lines.append(
      String(repeating: " ", count: margin + 1) + "└" + String(repeating: "─", count: columns))
    let left = Words.nearest(x.value(frame.left), digits: 3)
    let right = Words.nearest(x.value(frame.right), digits: 3)
    let gap = columns - left.displayWidth - right.displayWidth
    let middle = x.label.truncated(to: max(0, gap - 2))
    let before = (gap - middle.displayWidth) / 2
    lines.append(
      String(repeating: " ", count: margin + 2) + left
        + String(repeating: " ", count: max(1, before))
        + middle
        + String(repeating: " ", count: max(1, gap - before - middle.displayWidth)) + right)
    if series.count > 1 {
      lines.append(
        String(repeating: " ", count: margin + 2)
          + series.indices.map { "\(Self.marks[$0 % Self.marks.count]) \(series[$0].label)" }
          .joined(separator: "   "))
    }
    return lines
  }

  private static func interpolate(_ points: [(x: Double, y: Double)], at place: Double) -> Double? {
    guard let next = points.firstIndex(where: { $0.x >= place - 1e-12 }) else { return nil }
    if next == 0 { return points[0].x - place < 1e-9 ? points[0].y : nil }
    let (a, b) = (points[next - 1], points[next])
    return b.x > a.x ? a.y + (b.y - a.y) * (place - a.x) / (b.x - a.x) : b.y
  }

  // MARK: - SVG

  /// Distinct also to eyes that see few colours (Okabe and Ito).
  private static let colours = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999",
  ]
  private static let dashes = ["", "6 3", "2 3", "8 3 2 3", "1 2", "10 4", "4 4", "3 1"]

  /// Of a drawing, in its own units.
  static let size = (width: 640.0, height: 400.0)

  /// The plot as a document of its own.
  var svg: String { svg(at: nil) }

  /// The plot as a document of its own, or at a place of another one.
  func svg(at place: (x: Double, y: Double)?) -> String {
    let (width, height) = Self.size
    let frameOfOther = place.map { place in
      "x=\"\(Self.coordinate(place.x))\" y=\"\(Self.coordinate(place.y))\" width=\"\(Int(width))\" "
        + "height=\"\(Int(height))\" "
    }
    let (left, right, top) = (70.0, 20.0, 40.0)
    // A letter is taken to be 7 wide.
    let legendWidth = 44 + 7 * Double(series.map(\.label.count).max() ?? 0)
    let legendColumns = max(1, Int((width - left - right) / legendWidth))
    let bottom = 50.0 + 18 * Double((series.count + legendColumns - 1) / legendColumns)
    let frame = paddedFrame
    func across(_ place: Double) -> Double {
      left + (width - left - right) * (place - frame.left) / (frame.right - frame.left)
    }
    func down(_ place: Double) -> Double {
      height - bottom
        - (height - top - bottom) * (place - frame.bottom) / (frame.top - frame.bottom)
    }
    var out = """
      <svg \(frameOfOther ?? "")xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" \
      font-family="sans-serif" font-size="12" role="img">
      <title>\(Self.escaped(title))</title>
      <rect width="100%" height="100%" fill="white"/>
      <text x="\(Self.coordinate(width / 2))" y="22" text-anchor="middle" font-size="14">\
      \(Self.escaped(title))</text>

      """
    for place in ticks(frame.left, frame.right, x) {
      out += """
        <path d="M\(Self.coordinate(across(place))) \(Self.coordinate(top))V\
        \(Self.coordinate(height - bottom))" stroke="#ddd"/>
        <text x="\(Self.coordinate(across(place)))" y="\(Self.coordinate(height - bottom + 16))" \
        text-anchor="middle">\(Words.nearest(x.value(place), digits: 3))</text>

        """
    }
    for place in ticks(frame.bottom, frame.top, y) {
      out += """
        <path d="M\(Self.coordinate(left)) \(Self.coordinate(down(place)))H\
        \(Self.coordinate(width - right))" stroke="#ddd"/>
        <text x="\(Self.coordinate(left - 6))" y="\(Self.coordinate(down(place) + 4))" \
        text-anchor="end">\(Words.nearest(y.value(place), digits: 3))</text>

        """
    }
    for (index, one) in series.enumerated() {
      let colour = Self.colours[index % Self.colours.count]
      let dash = Self.dashes[index % Self.dashes.count]
      let stroke =
        "stroke=\"\(colour)\" stroke-width=\"2\""
        + (dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"")
      let path = drawable(one).map { point in
        "\(Self.coordinate(across(point.x))) \(Self.coordinate(down(point.y)))"
      }.joined(separator: "L")
      if !path.isEmpty { out += "<path d=\"M\(path)\" fill=\"none\" \(stroke)/>\n" }
      for point in hasDots ? drawable(one) : [] {
        out += "<circle cx=\"\(Self.coordinate(across(point.x)))\" cy=\""
        out += "\(Self.coordinate(down(point.y)))\" r=\"3\" fill=\"\(colour)\"/>\n"
      }
      if series.count > 1 {
        let place = (
          x: left + Double(index % legendColumns) * legendWidth,
          y: height - 12 - 18 * Double(index / legendColumns)
        )
        out += """
          <path d="M\(Self.coordinate(place.x)) \(Self.coordinate(place.y - 4))h24" \(stroke)/>
          <text x="\(Self.coordinate(place.x + 30))" y="\(Self.coordinate(place.y))">\
          \(Self.escaped(one.label))</text>

          """
      }
    }
    out += """
      <path d="M\(Self.coordinate(left)) \(Self.coordinate(top))V\
      \(Self.coordinate(height - bottom))H\(Self.coordinate(width - right))" fill="none" \
      stroke="black"/>
      <text x="\(Self.coordinate((left + width - right) / 2))" \
      y="\(Self.coordinate(height - bottom + 34))" text-anchor="middle">\(Self.escaped(x.label))</text>
      <text transform="translate(13 \(Self.coordinate((top + height - bottom) / 2))) rotate(-90)" \
      text-anchor="middle">\(Self.escaped(y.label))</text>
      </svg>

      """
    return out
  }

  /// Round places between `low` and `high`.
  private func ticks(_ low: Double, _ high: Double, _ axis: Axis) -> [Double] {
    let span = high - low
    guard span > 0, span.isFinite else { return [] }
    var step = pow(10, log10(span / 5).rounded(.down))
    if axis.isLogarithmic {
      if span < 2 {
        return (Int(low.rounded(.down))...Int(high.rounded(.up))).flatMap { power in
          [1, 2, 5].map { Double(power) + log10($0) }
        }.filter { (low...high).contains($0) }
      }
      step = max(1, (span / 6).rounded(.up))
    } else {
      for factor in [1.0, 2, 5, 10] where span / (step * factor) <= 6 {
        step *= factor
        break
      }
    }
    let first = (low / step).rounded(.up)
    let count = Int(((high - first * step) / step).rounded(.down))
    guard count >= 0, count < 50 else { return [] }
    // A tick at 0 has no minus.
    return (0...count).map { (first + Double($0)) * step + 0 }
  }

  private static func coordinate(_ value: Double) -> String { String(format: "%.1f", value) }

  static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;")
      .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
  }
}
