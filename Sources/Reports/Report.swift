public import Components
public import Experiments

/// A form in which results are shown.
public enum ReportFormat: String, CaseIterable, Sendable {
  /// For a terminal: the matrix as aligned text.
  case table
  /// One self-contained page for people, with curves, controls and every figure behind the matrix.
  case html
  /// One row a cell and seed, for other programs.
  case csv
  /// Everything the other formats show, for other programs.
  case json
  /// Booktabs tables, and figures through gnuplot, to include in a paper.
  case latex
  /// The terminal's tables for a README, an issue or a pull request on GitHub.
  case markdown
}

/// How a report is shown; formats take from it what concerns them.
public struct ReportOptions: Sendable {
  /// Columns of the terminal (`table`); no line is longer.
  public var width: Int
  /// Whether the terminal shows colours (`table`).
  public var usesColour: Bool
  /// The command that made the results, to show with their provenance (`html`, `json`, `markdown`).
  public var command: String?
  /// The start of the names of figures beside the text (`latex`): letters, digits, `-`, `_` and
  /// `.`; without it the text has tables only.
  public var figureBase: String?

  /// Options; by default 80 columns without colours.
  public init(
    width: Int = 80, usesColour: Bool = false, command: String? = nil, figureBase: String? = nil
  ) {
    self.width = width
    self.usesColour = usesColour
    self.command = command
    self.figureBase = figureBase
  }
}

/// The results of a run as a table, a page or data: a pure function of the stored results.
///
///     let results = try MatrixResults(folder: "runs/first")
///     print(Report(results).text(.table))
///
/// All formats tell the same story, since they read the same `MatrixBlock`s: which attacks passed
/// their positive control, what each defense kept, what cannot exist and what is missing. Nothing
/// void, missing or impossible ever shows as a plain number.
public struct Report: Sendable {
  /// What is shown.
  public let results: MatrixResults
  /// Where names are looked up that readers may not know.
  let catalogue: Catalogue
  /// One table for each combination of everything but attack and defense.
  let blocks: [MatrixBlock]
  /// What all blocks have in common.
  let common: [AxisLabel]
  /// The number of seeds that most cells finished, for notes that hold for the whole report.
  let usualSeedCount: Int
  /// The labels of the plain rules that stand for no defense.
  let undefended: [String]
  /// The labels of nobody attacking.
  let clean: [String]
  /// Entries of an axis side by side where nobody attacks.
  let comparisons: [Comparison]
  /// Accuracy against whatever is given away.
  let frontiers: [Frontier]
  /// The labels on each axis that the experiment asked for.
  let askedLabels: [(axis: Axis, labels: [String])]
  /// Which verdicts stand when all of them are asked for at once.
  let multiplicity: Multiplicity

  /// A report on `results`; `catalogue` explains their names.
  public init(_ results: MatrixResults, catalogue: Catalogue = .standard) {
    self.results = results
    self.catalogue = catalogue
    comparisons = results.comparisons
    (blocks, common) = MatrixBlock.blocks(of: results)
    askedLabels = Self.askedLabels(results)
    multiplicity = Multiplicity(blocks)
    frontiers = Self.frontiers(of: blocks, in: results)
    usualSeedCount = Self.usualSeedCount(results)
    undefended = Self.distinct(blocks.flatMap(\.defenses).filter(\.isUndefended).map(\.label))
    clean = Self.distinct(blocks.flatMap(\.attacks).filter(\.isClean).map(\.label))
  }

  /// The report in `format`; ends with a line end. O(rows and curve points).
  public func text(_ format: ReportFormat, options: ReportOptions = ReportOptions()) -> String {
    switch format {
    case .table: table(options)
    case .html: html(options)
    case .csv: csv()
    case .json: json(options)
    case .latex: latex(options)
    case .markdown: markdown(options)
    }
  }
}
