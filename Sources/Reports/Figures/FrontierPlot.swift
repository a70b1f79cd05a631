internal import Experiments

/// A frontier for gnuplot 5.
struct FrontierPlot {
  /// What is drawn.
  var frontier: Frontier

  /// The greatest finite figure; what is without bound stands to the right of it.
  private var greatest: Double {
    frontier.points.compactMap { $0.privacy?.interval.upperBound }.max().map {
      $0 * frontier.scale
    } ?? 1
  }
  private var scale: FrontierScale {
    FrontierScale(
      frontier.points.map { $0.x * frontier.scale },
      mayBeLogarithmic: frontier.figure != .attackLoss)
  }
  private var isLogarithmic: Bool { scale.isLogarithmic }
  /// Where points without bound are drawn.
  private var edge: Double { isLogarithmic ? greatest * 4 : greatest + 0.25 * max(greatest, 1e-3) }
  private var hasUnbounded: Bool { frontier.points.contains { $0.privacy == nil } }

  /// One block a standing, in the order of `Standing`, two blank lines between: gnuplot's `index`.
  var data: String {
    var text = """
      # \(Gnuplot.plain(frontier.title))
      # name  figure  its interval  accuracy in percent  its interval  standing; figures without
      # bound stand at \(edge)

      """
    for (index, standing) in Frontier.Standing.allCases.enumerated() {
      if index > 0 { text += "\n\n" }
      text += "# \(standing.rawValue)\n"
      let own = frontier.points.filter { $0.standing == standing }
      // gnuplot counts blocks with data only.
      if own.isEmpty { text += "\"\" NaN NaN NaN NaN NaN NaN \"\"\n" }
      for point in own {
        let figures =
          point.privacy.map { [$0.mean, $0.interval.lowerBound, $0.interval.upperBound] }
          ?? [Double](repeating: edge / frontier.scale, count: 3)
        let accuracy = [
          point.accuracy.mean, point.accuracy.interval.lowerBound,
          point.accuracy.interval.upperBound,
        ]
        let numbers = figures.map { $0 * frontier.scale } + accuracy.map { $0 * 100 }
        let bound = point.privacy == nil ? "without bound, " : ""
        text +=
          "\"\(Gnuplot.plain(point.short))\" \(numbers.map { "\($0)" }.joined(separator: " ")) "
          + "\"\(bound)\(standing.rawValue)\"\n"
      }
    }
    return text
  }

  /// The script for files named `base`.
  @Sendable func script(_ base: String) -> String {
    let file = Gnuplot.quoted(base + ".dat")
    let names = Frontier.Standing.allCases.map(\.rawValue)
    let styles = [
      "pt 7 ps 0.8 lc rgb '#0b66b3'", "pt 6 ps 0.8 lc rgb '#0b66b3'",
      "pt 7 ps 0.4 lc rgb '#777777'",
      "pt 12 ps 0.8 lc rgb '#777777'",
    ]
    let drawn = Frontier.Standing.allCases.enumerated().filter { _, standing in
      frontier.points.contains { $0.standing == standing }
    }
    var plots = [
      "\(file) index 0 using 2:5 with steps dt 2 lw 1 lc rgb '#0b66b3' notitle"
    ]
    plots += drawn.map { index, _ in
      "\(file) index \(index) using 2:5:3:4:6:7 with xyerrorbars \(styles[index]) "
        + "title \(Gnuplot.quoted(names[index]))"
    }
    // Names stand on the side where there is room.
    let end = hasUnbounded ? edge : greatest
    let middle = isLogarithmic ? (scale.low * end).squareRoot() : (scale.low + end) / 2
    for (index, standing) in drawn where [.optimal, .near].contains(standing) {
      plots += [
        "\(file) index \(index) using ($2>\(middle)?NaN:$2):5:1 with labels left offset 0.7,0.5 "
          + "font ',7' notitle",
        "\(file) index \(index) using ($2>\(middle)?$2:NaN):5:1 with labels right offset -0.7,0.5 "
          + "font ',7' notitle",
      ]
    }
    var tics = scale.ticks(5).map { "'\(Gnuplot.plain(scale.text($0)))' \($0)" }
    if hasUnbounded { tics.append("'no bound' \(edge)") }
    let high = isLogarithmic ? end * 1.3 : end + 0.06 * max(end - scale.low, 1e-3)
    return """
      \(Gnuplot.head(frontier.title, base: base, size: "9cm,6.5cm"))
      set xlabel \(Gnuplot.quoted(frontier.axisTitle))
      set ylabel 'accuracy when nobody attacks, percent'
      set key above
      set border 3
      set tics nomirror out
      set grid ytics lc rgb '#dddddd'
      set xtics (\(tics.joined(separator: ", ")))
      set xrange [\(scale.low):\(high)]
      \(isLogarithmic ? "set logscale x\n" : "")\
      plot \(plots.joined(separator: ", \\\n     "))

      """
  }
}
