internal import CommandLineTools
internal import Datasets
internal import Experiments

/// Clients against classes in a terminal, one row a client: size, distance, shares, a bar.
struct DivisionPicture {
  var division: DataSurvey.Division
  var width: Int
  var ink: Ink

  /// Rows of the picture at most.
  static let mostRows = 40

  /// The least share of each step but the first, which is none at all.
  static let thresholds = [0.0, 0.05, 0.2, 0.5]
  private static let signs = ["·", "░", "▒", "▓", "█"]

  /// The step of a share, from 0 (none) to `thresholds.count`.
  static func step(_ share: Double) -> Int {
    share == 0 ? 0 : thresholds.count { share >= $0 }
  }

  /// The picture and its legend; no line is wider than `width`.
  var lines: [String] {
    let statistics = division.statistics
    let classes = statistics.poolCounts.count
    let first = max(6, "\(statistics.sizes.count - 1)".count)
    let second = max(8, "\(statistics.sizes.max() ?? 0)".count)
    let left = first + second + 11
    let barRoom = 8
    let room = max(1, width - left - barRoom - 2)
    let cell = classes * 2 <= room ? 2 : 1
    let sample = DivisionSample(division, rows: Self.mostRows, columns: room / cell)
    let picture = sample.columns.count * cell
    let bar = min(24, width - left - max(picture, 7) - 2)
    let most = Double(max(1, statistics.sizes.max() ?? 1))

    func row(_ label: String, _ size: String, _ distance: String) -> String {
      label.padded(to: first, .right) + "  " + size.padded(to: second, .right) + "  "
        + distance.padded(to: 5, .right) + "  "
    }
    let heading = header(sample, cell: cell).padded(to: max(picture, 7)) + "  size"
    var lines = [ink.styled(row("client", "examples", "EMD") + heading, .bold)]
    for client in sample.clients {
      let shares = sample.columns.map { column in
        let step = Self.step(sample.share(client, column))
        let sign = Self.signs[step]
        let text = cell == 1 ? sign : step == 0 ? sign + " " : sign + sign
        return ink.styled(text, .share(step))
      }.joined()
      let size = statistics.sizes[client]
      lines.append(
        row("\(client)", "\(size)", Numbers.fixed(statistics.distances[client], digits: 2))
          + shares + String(repeating: " ", count: max(picture, 7) - picture) + "  "
          + Bar.text(Double(size) / most, width: bar))
    }
    if sample.hidden > 0 {
      lines += TextLayout.paragraph(
        "... and \(sample.hidden) more; those shown are evenly spaced by EMD, --format csv has all",
        width: width)
    }
    return lines.map(TextLayout.trimmed) + legend(sample)
  }

  /// The classes' numbers where there is room, else the first and the last.
  private func header(_ sample: DivisionSample, cell: Int) -> String {
    let classes = sample.columns.last?.upperBound ?? 0
    if cell == 2, classes <= 100 {
      return sample.columns.map { "\($0.lowerBound)".padded(to: 2) }.joined()
    }
    if classes <= 10 { return sample.columns.map { "\($0.lowerBound)" }.joined() }
    let last = "\(classes - 1)"
    let blanks = sample.columns.count * cell - last.count - 1
    return blanks < 1 ? "classes" : "0" + String(repeating: " ", count: blanks) + last
  }

  private func legend(_ sample: DivisionSample) -> [String] {
    let words = ["none", "below 5%", "5 to 20%", "20 to 50%", "50% or more"]
    let signs = zip(Self.signs, words).map { "\($0) \($1)" }.joined(separator: "  ")
    let span = sample.columns.first?.count ?? 1
    let folded = span > 1 ? "; a column is \(span) classes" : ""
    return TextLayout.paragraph(
      "share of the client's examples in each class: \(signs)\(folded)", width: width)
  }
}
