/// Learning curves of several defenses as inline SVG.
struct CurveChart {
  /// A line with its band.
  struct Line {
    /// What it is.
    var label: String
    /// Its place in the key, below `colours`: colour and marker follow from it; 0 is no defense.
    var index: Int
    /// Its points.
    var curve: LearningCurve
  }

  /// From back to front.
  var lines: [Line]
  /// The element's id.
  var id: String
  /// What the chart shows, for who cannot see it.
  var title: String

  /// How many colours there are; the first is for no defense.
  static let colours = 9
  private static let width = 340.0
  private static let height = 210.0
  private static let (left, right, top, bottom) = (36.0, 10.0, 8.0, 26.0)

  /// No defense is dashed.
  static func dash(_ index: Int) -> Markup {
    index == 0 ? " stroke-dasharray=\"4 3\"" : ""
  }

  /// The sign that tells a line apart without colour.
  static func marker(_ index: Int, x: Double, y: Double) -> Markup {
    let (x0, y0) = (coordinate(x), coordinate(y))
    let path =
      switch index % 5 {
      case 0: "M\(x0) \(y0)m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z"
      case 1: "M\(x0) \(y0)m-3-3h6v6h-6z"
      case 2: "M\(x0) \(y0)m0-4l4 7h-8z"
      case 3: "M\(x0) \(y0)m0-4l4 4l-4 4l-4-4z"
      default: "M\(x0) \(y0)m-3.5-3.5h7l-3.5 7z"
      }
    return "<path class=\"dot\" d=\"\(path)\"/>"
  }

  /// The chart. Rounds run from 0 to the last, accuracies from 0 to 100%.
  var svg: Markup {
    let last = lines.compactMap { $0.curve.points.last?.round }.max() ?? 1
    func x(_ round: Int) -> Double {
      Self.left + (Self.width - Self.left - Self.right) * Double(round) / Double(max(1, last))
    }
    func y(_ accuracy: Double) -> Double {
      let share = max(0, min(1, accuracy))
      return Self.height - Self.bottom - (Self.height - Self.top - Self.bottom) * share
    }
    let summary = lines.map { line in
      "\(line.label) ends at \(Numbers.percent(line.curve.points.last?.mean ?? 0))%"
    }
    return """
      <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
      aria-labelledby="\(id)-t \(id)-d"><title id="\(id)-t">\(title)</title>\
      <desc id="\(id)-d">\(summary.joined(separator: "; ")).</desc>\
      \(grid(last: last, x: x, y: y))\
      \(lines.map { band($0, x: x, y: y) })\(lines.map { path($0, x: x, y: y) })</svg>
      """
  }

  private func grid(last: Int, x: (Int) -> Double, y: (Double) -> Double) -> Markup {
    let rows = [0.0, 0.25, 0.5, 0.75, 1].map { value -> Markup in
      let height = Self.coordinate(y(value))
      let text = Numbers.fixed(value * 100, digits: 0) + (value == 1 ? "%" : "")
      return """
        <path class="grid" d="M\(Self.coordinate(Self.left)) \(height)\
        H\(Self.coordinate(Self.width - Self.right))"/>\
        <text x="\(Self.coordinate(Self.left - 6))" y="\(height)" dy="0.35em" \
        text-anchor="end">\(text)</text>
        """
    }
    let columns = Self.ticks(last).map { round -> Markup in
      """
      <text x="\(Self.coordinate(x(round)))" y="\(Self.coordinate(Self.height - 8))" \
      text-anchor="middle">\(round)</text>
      """
    }
    return "\(rows)\(columns)"
  }

  private func band(_ line: Line, x: (Int) -> Double, y: (Double) -> Double) -> Markup {
    let points = line.curve.points
    if points.allSatisfy({ $0.minimum == $0.maximum }) { return "" }
    let upper = points.map { "\(Self.coordinate(x($0.round))) \(Self.coordinate(y($0.maximum)))" }
    let lower = points.reversed().map {
      "\(Self.coordinate(x($0.round))) \(Self.coordinate(y($0.minimum)))"
    }
    return """
      <path class="band c\(line.index)" \
      d="M\((upper + lower).joined(separator: "L"))z"/>
      """
  }

  private func path(_ line: Line, x: (Int) -> Double, y: (Double) -> Double) -> Markup {
    let points = line.curve.points
    let places = points.map { "\(Self.coordinate(x($0.round))) \(Self.coordinate(y($0.mean)))" }
    // Markers at the end and at three places before it, staggered so that lines keep theirs apart.
    let marked = (1...4).map { quarter in
      quarter == 4
        ? points.count - 1
        : max(0, min(points.count - 1, points.count * (8 * quarter - line.index % 5) / 32))
    }
    let dots = Set(marked).sorted().map { place in
      Self.marker(line.index, x: x(points[place].round), y: y(points[place].mean))
    }
    return """
      <g class="line c\(line.index)"><path \
      d="M\(places.joined(separator: "L"))"\(Self.dash(line.index))/>\(dots)</g>
      """
  }

  /// Round numbers from 0 to `last`: at most six.
  static func ticks(_ last: Int) -> [Int] {
    var step = 1
    while last / step > 5 {
      let leading = Int(String("\(step)".prefix(1))) ?? 1
      step = leading == 2 ? step / 2 * 5 : step * 2
    }
    return Array(stride(from: 0, through: last, by: step))
  }

  private static func coordinate(_ value: Double) -> String {
    Numbers.fixed(value, digits: 1, minus: "-")
  }
}
