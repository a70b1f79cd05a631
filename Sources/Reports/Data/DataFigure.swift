internal import CommandLineTools
internal import Datasets
internal import Experiments

/// Partitions side by side as SVG: for each the clients' shares of the classes and their sizes.
struct DataFigure {
  /// A partition of some data.
  struct Panel {
    var entry: DataSurvey.Entry
    var division: DataSurvey.Division
  }

  var panels: [Panel]

  /// Rows and columns of a panel at most.
  static let (mostRows, mostColumns) = (100, 100)
  private static let (left, top, bars, gap, margin) = (46.0, 52.0, 70.0, 10.0, 12.0)
  private static let scaleHeight = 58.0

  /// The file: a declaration, then one element with everything in attributes.
  var svg: String {
    var x = Self.margin
    var parts: [Markup] = []
    var bottom = 0.0
    for panel in panels {
      let layout = Layout(panel)
      parts.append(
        """
        <g transform="translate(\(Self.number(x)) \(Self.number(Self.margin)))">
        \(draw(panel, layout))</g>

        """)
      x += layout.width + Self.margin
      bottom = max(bottom, layout.height)
    }
    let (width, height) = (x, bottom + Self.scaleHeight + 2 * Self.margin)
    let title = panels.map { "\($0.entry.label), \($0.division.partition)" }
      .joined(separator: "; ")
    let source: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="\(Self.number(width))" \
      height="\(Self.number(height))" viewBox="0 0 \(Self.number(width)) \(Self.number(height))" \
      font-family="Helvetica, Arial, sans-serif" font-size="10" fill="#222222">
      <title>Label shares of clients: \(title)</title>
      <rect width="100%" height="100%" fill="#ffffff"/>
      \(parts)\(scale(x: Self.margin + Self.left, y: bottom + 2 * Self.margin))</svg>

      """
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + source.html
  }

  /// Where the parts of a panel are.
  private struct Layout {
    var sample: DivisionSample
    var cellWidth: Double
    var cellHeight: Double
    var mapWidth: Double { cellWidth * Double(sample.columns.count) }
    var mapHeight: Double { cellHeight * Double(sample.clients.count) }
    var width: Double {
      DataFigure.left + mapWidth + DataFigure.gap + DataFigure.bars + 24
    }
    var height: Double { DataFigure.top + mapHeight + 30 }

    init(_ panel: Panel) {
      sample = DivisionSample(
        panel.division, rows: DataFigure.mostRows, columns: DataFigure.mostColumns)
      cellWidth = min(18, max(3, 220 / Double(sample.columns.count)))
      cellHeight = min(14, max(3, 300 / Double(sample.clients.count)))
    }
  }

  private func draw(_ panel: Panel, _ layout: Layout) -> Markup {
    let statistics = panel.division.statistics
    // A letter of this size is about 5.6 wide.
    let room = Int(layout.width / 5.6)
    let facts =
      "\(panel.entry.split.name), \(Numbers.count(statistics.sizes.count, "client")), EMD mean "
      + Numbers.fixed(statistics.meanDistance, digits: 2) + ", max "
      + Numbers.fixed(statistics.maximumDistance, digits: 2)
    let title = Self.text(
      panel.division.partition.truncated(to: room), x: 0, y: 10, extra: " font-weight=\"bold\"")
    return """
      \(title)\
      \(Self.text(facts.truncated(to: room), x: 0, y: 24))\
      \(map(layout))\(axes(layout, total: statistics.sizes.count))\(sizes(statistics.sizes, layout))
      """
  }

  private func map(_ layout: Layout) -> Markup {
    var cells: [Markup] = []
    for (row, client) in layout.sample.clients.enumerated() {
      for (column, classes) in layout.sample.columns.enumerated() {
        let share = layout.sample.share(client, classes)
        if share == 0 { continue }
        cells.append(
          """
          <rect x="\(Self.number(Self.left + Double(column) * layout.cellWidth))" \
          y="\(Self.number(Self.top + Double(row) * layout.cellHeight))" \
          width="\(Self.number(layout.cellWidth))" height="\(Self.number(layout.cellHeight))" \
          fill="\(Self.colour(share))"/>

          """)
      }
    }
    return """
      \(cells)<rect x="\(Self.number(Self.left))" y="\(Self.number(Self.top))" \
      width="\(Self.number(layout.mapWidth))" height="\(Self.number(layout.mapHeight))" \
      fill="none" stroke="#888888" stroke-width="0.5"/>

      """
  }

  private func axes(_ layout: Layout, total: Int) -> Markup {
    let sample = layout.sample
    let bottom = Self.top + layout.mapHeight
    var marks: [Markup] = []
    let every = sample.columns.count <= 20 && layout.cellWidth >= 11
    for (column, classes) in sample.columns.enumerated()
    where every || column == 0 || column == sample.columns.count - 1 {
      let x = Self.left + (Double(column) + 0.5) * layout.cellWidth
      let number = column == 0 ? classes.lowerBound : classes.upperBound - 1
      marks.append(Self.text("\(number)", x: x, y: bottom + 12, anchor: "middle"))
    }
    if sample.hidden == 0 {
      let step = sample.clients.count <= 30 ? 1 : 10
      for (row, client) in sample.clients.enumerated() where row % step == 0 {
        let y = Self.top + (Double(row) + 0.5) * layout.cellHeight + 3.5
        marks.append(Self.text("\(client)", x: Self.left - 4, y: y, anchor: "end"))
      }
    }
    let clients =
      sample.hidden == 0 ? "client" : "\(sample.clients.count) of \(total) clients, by EMD"
    let middle = Self.top + layout.mapHeight / 2
    marks.append(
      Self.text("class", x: Self.left + layout.mapWidth / 2, y: bottom + 26, anchor: "middle"))
    marks.append(
      Self.text(
        clients, x: 10, y: middle, anchor: "middle",
        extra: " transform=\"rotate(-90 10 \(Self.number(middle)))\""))
    return Markup(raw: marks.map(\.html).joined())
  }

  private func sizes(_ sizes: [Int], _ layout: Layout) -> Markup {
    let start = Self.left + layout.mapWidth + Self.gap
    let most = max(1, sizes.max() ?? 1)
    let bars = layout.sample.clients.enumerated().map { row, client -> Markup in
      """
      <rect x="\(Self.number(start))" y="\(Self.number(Self.top + Double(row) * layout.cellHeight))" \
      width="\(Self.number(Self.bars * Double(sizes[client]) / Double(most)))" \
      height="\(Self.number(layout.cellHeight * 0.8))" fill="#777777"/>

      """
    }
    let bottom = Self.top + layout.mapHeight
    return """
      \(bars)\(Self.text("0", x: start, y: bottom + 12, anchor: "middle"))\
      \(Self.text("\(most)", x: start + Self.bars, y: bottom + 12, anchor: "middle"))\
      \(Self.text("examples", x: start + Self.bars / 2, y: bottom + 26, anchor: "middle"))
      """
  }

  /// What the colours mean.
  private func scale(x: Double, y: Double) -> Markup {
    let steps = (0...20).map { step -> Markup in
      """
      <rect x="\(Self.number(x + Double(step) * 7))" y="\(Self.number(y))" width="7" height="8" \
      fill="\(Self.colour(Double(step) / 20))"/>

      """
    }
    return """
      \(steps)<rect x="\(Self.number(x))" y="\(Self.number(y))" width="147" height="8" fill="none" \
      stroke="#888888" stroke-width="0.5"/>
      \(Self.text("0", x: x, y: y + 19, anchor: "middle"))\
      \(Self.text("100%", x: x + 147, y: y + 19, anchor: "middle"))\
      \(Self.text("share of the client's examples", x: x + 73.5, y: y + 33, anchor: "middle"))
      """
  }

  /// From white over blue to dark blue; darker is more in grey, too.
  static func colour(_ share: Double) -> String {
    let stops = [(255.0, 255.0, 255.0), (107, 174, 214), (8, 48, 107)]
    let place = min(max(share, 0), 1) * 2
    let (low, high) = place < 1 ? (stops[0], stops[1]) : (stops[1], stops[2])
    let part = place < 1 ? place : place - 1
    let digits = [(low.0, high.0), (low.1, high.1), (low.2, high.2)].map { from, to in
      let value = Int((from + (to - from) * part).rounded())
      return (value < 16 ? "0" : "") + String(value, radix: 16)
    }
    return "#" + digits.joined()
  }

  private static func text(
    _ text: String, x: Double, y: Double, anchor: String = "start", extra: String = ""
  ) -> Markup {
    """
    <text x="\(number(x))" y="\(number(y))" text-anchor="\(anchor)"\(Markup(raw: extra))>\(text)</text>

    """
  }

  private static func number(_ value: Double) -> String {
    Numbers.fixed(value, digits: 2, minus: "-")
  }
}
