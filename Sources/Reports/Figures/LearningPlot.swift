internal import Experiments

/// Learning curves for gnuplot 5: a line a defense, its band from the least to the greatest seed.
struct LearningPlot: PaperPlot {
  /// A defense.
  struct Line {
    /// Its name in the key.
    var title: String
    /// Its colour and sign, as on the page; 0 is no defense.
    var index: Int
    /// Its points.
    var curve: LearningCurve
  }

  /// What it shows.
  var title: String
  /// What stands below it.
  var caption: String
  /// From back to front.
  var lines: [Line]
  /// Whether there are bands: with one seed there are none.
  var hasBands: Bool

  /// One block a line, two blank lines between: gnuplot's `index`.
  var data: String {
    """
    # \(Gnuplot.plain(title))
    # round  mean accuracy over the seeds in percent  least  greatest

    """
      + lines.map { line in
        "# \(Gnuplot.plain(line.title))\n"
          + line.curve.points.map { point in
            "\(point.round) \(point.mean * 100) \(point.minimum * 100) \(point.maximum * 100)\n"
          }.joined()
      }.joined(separator: "\n\n")
  }

  /// The script for files named `base`.
  @Sendable func script(_ base: String) -> String {
    let file = Gnuplot.quoted(base + ".dat")
    let styles = lines.map { line in "lc rgb '\(PageStyle.light.lines[line.index])'" }
    let bands = lines.indices.filter { _ in hasBands }.map { place in
      "\(file) index \(place) using 1:3:4 with filledcurves \(styles[place]) "
        + "fs transparent solid 0.15 noborder notitle"
    }
    let curves = lines.enumerated().map { place, line in
      "\(file) index \(place) using 1:2 with linespoints \(styles[place]) "
        + "dt \(line.index == 0 ? 2 : 1) pt \(line.index + 4) ps 0.35 lw 1.5 "
        + "title \(Gnuplot.quoted(line.title))"
    }
    return """
      \(Gnuplot.head(title, base: base, size: "12cm,8cm"))
      set xlabel 'round'
      set ylabel 'test accuracy, percent'
      set key below
      set border 3
      set tics nomirror out
      set grid ytics lc rgb '#dddddd'
      set xrange [0:*]
      set yrange [0:100]
      plot \((bands + curves).joined(separator: ", \\\n     "))

      """
  }
}

extension Report {
  /// The learning curves under one attack, as many figures as there are groups of defenses that
  /// share colours; none where no run was measured twice.
  func learningPlots(_ block: MatrixBlock, _ column: Int) -> [LearningPlot] {
    let short = shortDefenses
    return curveGroups.compactMap { group in
      let lines = group.compactMap { label, index -> LearningPlot.Line? in
        guard let cell = block.defenses.first(where: { $0.label == label })?.cells[column],
          let curve = LearningCurve(cell.rows), curve.points.count > 1
        else { return nil }
        let seeds = cell.rows.count { !($0.metrics?.curve.isEmpty ?? true) }
        return LearningPlot.Line(
          title: lineTitle(short[label] ?? label, seeds: seeds), index: index, curve: curve)
      }
      if lines.isEmpty { return nil }
      let title = "Test accuracy by round, \(subject(block, column))"
      let isVoid = block.attacks[column].control?.verdict == .void
      let void = isVoid ? " The attack is void: it failed its control." : ""
      let spread =
        usualSeedCount > 1
        ? " Means over \(usualSeedCount) seeds, bands from the least to the greatest."
        : " One seed."
      return LearningPlot(
        title: title, caption: "\(title).\(void)\(spread)", lines: lines,
        hasBands: usualSeedCount > 1)
    }
  }

  /// Each defense's label without the parameters that all of its kind share.
  var shortDefenses: [String: String] {
    let all = labels(.defense)
    return Dictionary(zip(all, ShortLabels.of(all)), uniquingKeysWith: { first, _ in first })
  }
}
