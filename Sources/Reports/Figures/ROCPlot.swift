internal import Experiments
internal import Federation

/// Receiver operating characteristics for gnuplot 5, both axes logarithmic: a line a defense, the
/// mean over the seeds at each false positive rate, and thin the seeds as they were stored.
///
/// A rate of 0 has no place on a logarithmic axis: it stands left of a dotted line (or below the
/// least rate), under a tick of its own.
struct ROCPlot: PaperPlot {
  /// A defense.
  struct Line {
    /// Its name in the key.
    var title: String
    /// Its colour; 0 is no defense.
    var index: Int
    /// The mean over the seeds: equal to the only one where there is one.
    var mean: [Point]
    /// What each seed stored.
    var seeds: [(seed: UInt64, points: [Point])]
  }

  /// The shares of non-members and of members that pass a threshold.
  struct Point {
    /// The share of non-members.
    var falsePositives: Double
    /// The share of members.
    var truePositives: Double
  }

  /// What it shows.
  var title: String
  /// What stands below it.
  var caption: String
  /// From back to front.
  var lines: [Line]

  /// The seeds' mean at every false positive rate that one of them has a corner at: each curve is a
  /// step function, and nothing between its corners is drawn (vertical averaging, Fawcett 2006,
  /// section 6.1). `curves` ascend in both rates. O(points log points).
  static func mean(_ curves: [[Point]]) -> [Point] {
    if curves.count == 1 { return curves[0] }
    let rates = Set(curves.joined().map(\.falsePositives)).sorted()
    var next = curves.map { _ in 0 }
    return rates.map { rate in
      var sum = 0.0
      for (place, curve) in curves.enumerated() {
        while next[place] < curve.count, curve[next[place]].falsePositives <= rate {
          next[place] += 1
        }
        if next[place] > 0 { sum += curve[next[place] - 1].truePositives }
      }
      return Point(falsePositives: rate, truePositives: sum / Double(curves.count))
    }
  }

  /// A block for each mean, after each the blocks of its seeds; two blank lines between.
  var data: String {
    let head = """
      # \(Gnuplot.plain(title))
      # false positive rate  true positive rate; both as stored, zeros too: the script places them

      """
    let blocks = lines.flatMap { line -> [String] in
      let name = Gnuplot.plain(line.title)
      let several = line.seeds.count > 1
      let seeds = line.seeds.map { seed, points in
        "# \(name), seed \(seed)\n" + Self.rows(points)
      }
      return several
        ? ["# \(name), mean over \(line.seeds.count) seeds\n" + Self.rows(line.mean)] + seeds
        : seeds
    }
    return head + blocks.joined(separator: "\n\n")
  }

  private static func rows(_ points: [Point]) -> String {
    points.map { "\($0.falsePositives) \($0.truePositives)\n" }.joined()
  }

  /// The least rate above 0 that `rate` has; the axes begin at half of it, where 0 stands.
  private func least(_ rate: KeyPath<Point, Double>) -> Double {
    lines.flatMap { line in line.seeds.flatMap { $0.points.map { $0[keyPath: rate] } } }
      .filter { $0 > 0 }.min() ?? 0.1
  }

  /// `('0' 5e-05, '0.001' 0.001, …)`: zero's place and the powers of ten from `least` up.
  private static func tics(_ least: Double) -> String {
    let powers = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1].filter { $0 >= least * 0.999 }
    return "('0' \(least / 2), "
      + powers.map { "'\($0 == 1 ? "1" : "\($0)")' \($0)" }.joined(separator: ", ") + ")"
  }

  /// The script for files named `base`.
  @Sendable func script(_ base: String) -> String {
    let file = Gnuplot.quoted(base + ".dat")
    let (x, y) = (least(\.falsePositives), least(\.truePositives))
    let columns = "using ($1>0?$1:\(x / 2)):($2>0?$2:\(y / 2)) with steps"
    var thin: [String] = []
    var bold: [String] = []
    var block = 0
    for line in lines {
      let colour = PageStyle.light.lines[line.index].dropFirst()
      bold.append(
        "\(file) index \(block) \(columns) lc rgb '#\(colour)' lw 1.8 "
          + "dt \(line.index == 0 ? 2 : 1) title \(Gnuplot.quoted(line.title))")
      block += 1
      if line.seeds.count == 1 { continue }
      for _ in line.seeds {
        thin.append(
          "\(file) index \(block) \(columns) lc rgb '#b0\(colour)' lw 0.5 notitle")
        block += 1
      }
    }
    let guessing = "(x>=\(x)?x:NaN) with lines lc rgb '#777777' dt 3 title 'guessing'"
    return """
      \(Gnuplot.head(title, base: base, size: "10cm,9cm"))
      set xlabel 'false positive rate'
      set ylabel 'true positive rate'
      set key below
      set border 3
      set tics nomirror out
      set grid lc rgb '#dddddd'
      set logscale xy
      set xrange [\(x / 2):1]
      set yrange [\(y / 2):1]
      set xtics \(Self.tics(x))
      set ytics \(Self.tics(y))
      set arrow from first \(x / 2 * 1.4),graph 0 to first \(x / 2 * 1.4),graph 1 nohead dt 3
      set samples 1000
      plot \((thin + bold + [guessing]).joined(separator: ", \\\n     "))

      """
  }
}

extension Report {
  /// The ROC curves that readers stored under one attack, a figure for each curve's name and each
  /// group of defenses that share colours; curves are known by their axes.
  func rocPlots(_ block: MatrixBlock, _ column: Int) -> [ROCPlot] {
    func curves(_ row: MatrixResults.Row) -> [String: Conclusion.Curve] {
      (row.metrics?.curves ?? [:]).filter {
        $0.value.xLabel == "false positive rate" && $0.value.yLabel == "true positive rate"
      }
    }
    let cells = Dictionary(
      block.defenses.compactMap { row in row.cells[column].map { (row.label, $0) } },
      uniquingKeysWith: { first, _ in first })
    let names = Set(cells.values.flatMap { $0.rows.flatMap { curves($0).keys } }).sorted()
    let short = shortDefenses
    return names.flatMap { name in
      curveGroups.compactMap { group -> ROCPlot? in
        let lines = group.compactMap { label, index -> ROCPlot.Line? in
          guard let cell = cells[label] else { return nil }
          let seeds = cell.rows.compactMap { row -> (seed: UInt64, points: [ROCPlot.Point])? in
            guard let curve = curves(row)[name], !curve.x.isEmpty else { return nil }
            return (
              row.seed, zip(curve.x, curve.y).map { .init(falsePositives: $0, truePositives: $1) }
            )
          }
          if seeds.isEmpty { return nil }
          let title = lineTitle(short[label] ?? label, seeds: seeds.count)
          let isBlind = cell.summary.observed?.isNonAdaptiveOnly ?? false
          return ROCPlot.Line(
            title: isBlind ? "\(title), non-adaptive only" : title, index: index,
            mean: ROCPlot.mean(seeds.map(\.points)), seeds: seeds)
        }
        if lines.isEmpty { return nil }
        let title = "\(name), \(subject(block, column))"
        let isVoid = block.attacks[column].control?.verdict == .void
        let void = isVoid ? " The attack is void: it failed its control." : ""
        let spread =
          usualSeedCount > 1
          ? " Means over \(usualSeedCount) seeds at each false positive rate, seeds thin."
          : " One seed."
        return ROCPlot(
          title: title,
          caption: "\(title).\(void)\(spread) Both axes are logarithmic; rates of 0 stand at the "
            + "ticks named so.", lines: lines)
      }
    }
  }
}
