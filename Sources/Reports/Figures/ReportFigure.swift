internal import Experiments

/// A figure for a paper: what gnuplot reads to draw it.
///
/// Script and data are kept beside what they make, so that a reader can check a figure and an
/// author can change it.
public struct ReportFigure: Sendable {
  /// What a figure shows.
  public enum Kind: String, Sendable, CaseIterable {
    /// Accuracy against what is given away.
    case frontier
    /// Members recognised against strangers taken for members, both axes logarithmic.
    case roc
    /// Test accuracy by round.
    case learning
  }

  /// What it shows.
  public var kind: Kind
  /// Its place among the report's figures of its kind, from 1.
  public var number: Int
  /// What it shows, in plain text.
  public var title: String
  /// What stands below it, in plain text.
  public var caption: String
  /// The gnuplot script: reads `<name>.dat` and writes `<name>.pdf`, both in its own folder.
  public var script: @Sendable (_ name: String) -> String
  /// The data, columns explained at the top.
  public var data: String

  /// The name of its files beside a report named `base`, without suffix.
  public func name(_ base: String) -> String { "\(base)-\(kind.rawValue)-\(number)" }
}

/// Curves of one setting and attack, for gnuplot.
protocol PaperPlot: Sendable {
  /// What it shows.
  var title: String { get }
  /// What stands below it.
  var caption: String { get }
  /// The data, columns explained at the top.
  var data: String { get }
  /// The script for files named `base`.
  @Sendable func script(_ base: String) -> String
}

extension Report {
  /// The figures of the LaTeX report in order: frontiers, then in each setting for each attack its
  /// ROC curves, then its learning curves. O(points log points).
  public var figures: [ReportFigure] {
    frontierFigures + rocFigures + learningFigures
  }

  private var frontierFigures: [ReportFigure] {
    let spread = usualSeedCount < 5 ? "ranges over the seeds" : "95% t intervals over the seeds"
    return frontiers.enumerated().map { index, frontier in
      let plot = FrontierPlot(frontier: frontier)
      let optimal = frontier.optimal.map(\.short).list()
      return ReportFigure(
        kind: .frontier, number: index + 1, title: frontier.title,
        caption: "\(frontier.title). \(frontier.meaning) Bars are \(spread). "
          + "Pareto-optimal: \(optimal).",
        script: plot.script, data: plot.data)
    }
  }

  private var rocFigures: [ReportFigure] { figures(.roc, of: rocPlots) }

  private var learningFigures: [ReportFigure] { figures(.learning, of: learningPlots) }

  /// Those of every setting and attack, in order.
  private func figures<Plot: PaperPlot>(
    _ kind: ReportFigure.Kind, of plots: (MatrixBlock, Int) -> [Plot]
  ) -> [ReportFigure] {
    blocks.flatMap { block in block.attacks.indices.flatMap { plots(block, $0) } }
      .enumerated().map { index, plot in
        ReportFigure(
          kind: kind, number: index + 1, title: plot.title, caption: plot.caption,
          script: plot.script, data: plot.data)
      }
  }

  /// What figures of a block and an attack begin their captions with: `under alie, model mlp`.
  func subject(_ block: MatrixBlock, _ column: Int) -> String {
    let attack = block.attacks[column]
    let who = attack.isClean ? "nobody attacking" : "under \(attack.label)"
    return block.setting.isEmpty ? who : "\(who), \(block.title)"
  }

  /// A line's name in the key: the label without shared parameters, and how many seeds it is of
  /// where that is not the usual number.
  func lineTitle(_ short: String, seeds: Int) -> String {
    seeds == usualSeedCount ? short : "\(short) (n = \(seeds))"
  }
}
