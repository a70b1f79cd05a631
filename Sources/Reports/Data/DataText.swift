internal import CommandLineTools
internal import Datasets
internal import Experiments
internal import FileFormats
internal import Learning

/// Data for a terminal.
struct DataText {
  var survey: DataSurvey
  var options: ReportOptions

  private var width: Int { max(40, options.width) }
  private var ink: Ink { Ink(usesColour: options.usesColour) }

  /// All lines; none is wider than the terminal, from 40 columns on.
  var lines: [String] {
    Array(
      survey.entries.map { entry in
        let facts = facts(entry)
        guard !entry.divisions.isEmpty else { return facts + [""] + classTable(entry) }
        return facts
          + entry.divisions.flatMap { division in
            [""] + self.facts(division)
              + [""] + DivisionPicture(division: division, width: width, ink: ink).lines
          }
      }.joined(separator: ["", ""]))
  }

  /// A fact with its name in front, as long as it takes.
  private func fact(_ name: String, _ text: String) -> [String] {
    TextLayout.paragraph(text, first: name.padded(to: 12), width: width)
  }

  private func facts(_ entry: DataSurvey.Entry) -> [String] {
    let split = entry.split
    let shape = split.train.shape.map(String.init).joined(separator: "x")
    var lines = fact("data", "\(entry.label), seed \(survey.seed)")
    lines += fact(
      "examples",
      "\(split.train.count) to train on, \(split.test.count) to test on, "
        + "each \(shape), in \(Numbers.count(split.train.classes, "class", "classes"))")
    if let rows = split.testRows {
      lines += fact("", "one file: split-seed draws the \(rows.count) rows to test on")
    }
    if !split.classNames.isEmpty {
      let names = split.classNames.prefix(20).enumerated().map { "\($0.offset) \($0.element)" }
      let more = split.classNames.count - names.count
      lines += fact(
        "class names", names.joined(separator: ", ") + (more > 0 ? " ... and \(more) more" : ""))
    }
    lines += fact(
      "values",
      "train \(range(entry.train)); test \(range(entry.test)); normalise: "
        + split.normalisation.method.rawValue)
    if let groups = split.groups {
      var sizes = [Int](repeating: 0, count: groups.names.count)
      for member in groups.members { sizes[Int(member)] += 1 }
      lines += fact(
        "groups", "\(groups.names.count); training examples \(sizeText(SizeSummary(sizes)))")
    }
    lines += fact("from", split.attribution)
    return lines + fact("SHA-256", split.digest)
  }

  private func range(_ values: FeatureStatistics) -> String {
    func text(_ value: Double) -> String {
      let size = abs(value)
      return Numbers.fixed(value, digits: size < 1 ? 4 : size < 100 ? 3 : 1)
    }
    return "\(NumberText.shortest(values.minimum)) to \(NumberText.shortest(values.maximum)), "
      + "mean \(text(values.mean)), sd \(text(values.standardDeviation))"
  }

  private func sizeText(_ sizes: SizeSummary) -> String {
    let half = sizes.median == sizes.median.rounded() ? 0 : 1
    return "min \(sizes.minimum), median \(Numbers.fixed(sizes.median, digits: half)), "
      + "max \(sizes.maximum), sd \(Numbers.fixed(sizes.standardDeviation, digits: 1))"
  }

  private func facts(_ division: DataSurvey.Division) -> [String] {
    let statistics = division.statistics
    let overlap =
      statistics.isDisjoint
      ? "disjoint" : "overlapping: \(statistics.overlap) have several clients"
    let leftOut = statistics.leftOut == 0 ? "none left out" : "\(statistics.leftOut) left out"
    var lines = fact("partition", division.partition)
    lines += fact(
      "clients",
      "\(statistics.sizes.count); examples \(sizeText(statistics.sizeSummary)); \(overlap), "
        + leftOut)
    if division.shiftedClients > 0 {
      lines += fact(
        "", "\(division.shiftedClients) see their examples changed; labels count as before that")
    }
    lines += fact(
      "EMD",
      "mean \(Numbers.fixed(statistics.meanDistance, digits: 3)), "
        + "max \(Numbers.fixed(statistics.maximumDistance, digits: 3)) "
        + "(sum over classes of |p_k(c) - p(c)|, from 0 to 2)")
    lines += fact(
      "divergence",
      "\(Numbers.fixed(statistics.meanDivergence, digits: 3)) bits "
        + "(Kullback-Leibler from all examples, mean by size)")
    return lines + fact("map SHA-256", statistics.digest)
  }

  /// Examples of each class in both parts.
  private func classTable(_ entry: DataSurvey.Entry) -> [String] {
    let (train, test) = (entry.split.train.labelCounts, entry.split.test.labelCounts)
    let names = entry.split.classNames
    let labels = train.indices.map { index in
      (names.isEmpty ? "\(index)" : "\(index) \(TextLayout.printable(names[index]))")
        .truncated(to: width / 3)
    }
    let shown = train.count <= 40 ? train.count : 39
    let first = max(5, labels.prefix(shown).map(\.displayWidth).max() ?? 0)
    let counts = (train + test).map { "\($0)".count }.max() ?? 0
    let column = max(counts, 8)
    let most = max(1, train.max() ?? 1)
    func row(_ label: String, _ own: String, _ other: String) -> String {
      label.padded(to: first) + "  " + own.padded(to: column, .right) + "  "
        + other.padded(to: column, .right)
    }
    let room = min(30, width - first - 2 * column - 6)
    var lines = [ink.styled(row("class", "training", "test"), .bold)]
    for index in 0..<shown {
      let bar = room < 4 ? "" : "  " + Bar.text(Double(train[index]) / Double(most), width: room)
      lines.append(row(labels[index], "\(train[index])", "\(test[index])") + bar)
    }
    if shown < train.count { lines.append("... and \(train.count - shown) more") }
    return lines.map(TextLayout.trimmed)
  }
}

extension Numbers {
  /// `1 class`, `2 classes`.
  static func count(_ number: Int, _ noun: String, _ plural: String) -> String {
    "\(number) \(number == 1 ? noun : plural)"
  }
}

/// A bar in one line of a terminal.
enum Bar {
  /// `share` of `width` columns in steps of an eighth; something for everything but 0.
  static func text(_ share: Double, width: Int) -> String {
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    var eighths = Int((min(max(share, 0), 1) * Double(width * 8)).rounded())
    if share > 0 { eighths = max(eighths, 1) }
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }
}
